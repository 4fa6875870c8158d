import Kernels
import Memory

/// An even number of counters, two in an integer.
struct PackedCounters: MergeableState {
  /// The most that a piece has; what it takes once more while it is summed over ranks.
  static let largestByteCount = 16 << 20

  let counters: Vector<UInt32>

  /// An even number of counters as one piece or several.
  static func pieces(of counters: Vector<UInt32>) -> [PackedCounters] {
    let size = largestByteCount / MemoryLayout<UInt32>.size
    return stride(from: 0, to: counters.count, by: size).map {
      PackedCounters(counters: counters[$0..<min($0 + size, counters.count)])
    }
  }

  var integerCount: Int { counters.count / 2 }
  func write(to integers: Vector<Int64>) { packCounters(counters, into: integers) }
  func read(from integers: Vector<Int64>) { unpackCounters(integers, into: counters) }
}

/// Counters that are integers already.
struct WideCounters: MergeableState {
  let counters: Vector<Int64>
  var integerCount: Int { counters.count }
  func write(to integers: Vector<Int64>) { integers.copy(from: counters) }
  func read(from integers: Vector<Int64>) { counters.copy(from: integers) }
}
