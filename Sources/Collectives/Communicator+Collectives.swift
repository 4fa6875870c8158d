// Operations that all ranks take part in, blocking, for small data between steps.

import CMPIShim
import Memory

extension Communicator {
  /// Returns when all ranks have come here.
  public func barrier() throws {
    guard worldSize > 1 else { return }
    try complete("MPI_Ibarrier") { cmpi_ibarrier($0) }
  }

  /// Rank 0's bytes, on every rank; what the others pass is ignored.
  public func broadcast(_ bytes: [UInt8]) throws -> [UInt8] {
    guard worldSize > 1 else { return bytes }
    let length = Vector<Int64>([Int64(bytes.count)])
    try broadcast(length)
    var result = isRoot ? bytes : [UInt8](repeating: 0, count: Int(length[0]))
    try result.withUnsafeMutableBytes { try broadcast($0) }
    return result
  }

  /// Overwrites the values with rank 0's. The count must be the same on all ranks.
  public func broadcast<Element>(_ values: Vector<Element>) throws {
    guard worldSize > 1 else { return }
    try broadcast(
      UnsafeMutableRawBufferPointer(
        start: values.pointer, count: values.count * MemoryLayout<Element>.stride))
  }

  private func broadcast(_ bytes: UnsafeMutableRawBufferPointer) throws {
    guard let base = bytes.baseAddress else { return }
    for piece in pieces(of: bytes.count) {
      try complete("MPI_Ibcast") { cmpi_ibcast(base + piece.lowerBound, Int32(piece.count), $0) }
    }
  }

  /// Every rank's bytes, by rank, on every rank. Lengths may differ.
  public func allGather(_ bytes: [UInt8]) throws -> [[UInt8]] {
    guard worldSize > 1 else { return [bytes] }
    let lengths = Vector<Int64>(zeros: worldSize)
    lengths[rank] = Int64(bytes.count)
    try sum(lengths)
    var parts = lengths.array.map { length in
      var part: [UInt8] = []
      part.reserveCapacity(Int(length))
      return part
    }
    // MPI counts the gathered bytes in 32 bits, too: every rank's bytes go in slices.
    let slice = max(pieceByteCount / worldSize, 1)
    for start in stride(from: 0, to: Int(lengths.array.max() ?? 0), by: slice) {
      let counts = parts.indices.map { Int32(min(max(Int(lengths[$0]) - start, 0), slice)) }
      let gathered = try gather(bytes.dropFirst(start), counts: counts)
      var offset = 0
      for (index, count) in counts.enumerated() {
        parts[index] += gathered[offset..<offset + Int(count)]
        offset += Int(count)
      }
    }
    return parts
  }

  /// The first `counts[r]` bytes of every rank r, end to end.
  private func gather(_ bytes: ArraySlice<UInt8>, counts: [Int32]) throws -> [UInt8] {
    var offsets: [Int32] = []
    var total: Int32 = 0
    for count in counts {
      offsets.append(total)
      total += count
    }
    var result = [UInt8](repeating: 0, count: Int(total))
    try bytes.withUnsafeBytes { mine in
      try result.withUnsafeMutableBytes { all in
        try counts.withUnsafeBufferPointer { counts in
          try offsets.withUnsafeBufferPointer { offsets in
            try complete("MPI_Iallgatherv") {
              cmpi_iallgatherv(
                mine.baseAddress, counts[rank], all.baseAddress, counts.baseAddress,
                offsets.baseAddress, $0)
            }
          }
        }
      }
    }
    return result
  }

  /// The values of rank 0, then those of rank 1, and so on, on every rank. Counts may differ.
  public func gatherRows<Element>(_ values: Vector<Element>) throws -> Vector<Element> {
    let parts = try allGather(values.withBytes { Array($0) })
    let stride = MemoryLayout<Element>.stride
    let result = Vector<Element>(zeros: parts.reduce(0) { $0 + $1.count } / stride)
    var next = UnsafeMutableRawPointer(result.pointer)
    for part in parts {
      part.withUnsafeBytes { bytes in
        guard let base = bytes.baseAddress else { return }
        next.copyMemory(from: base, byteCount: bytes.count)
      }
      next += part.count
    }
    return result
  }

  /// Replaces every count by its sum over all ranks. Integers: the order of adding is free.
  public func sum(_ counts: Vector<Int64>) throws {
    guard worldSize > 1 else { return }
    for piece in pieces(of: counts.count * 8, atMost: Self.sumByteCount) {
      try complete("MPI_Iallreduce") {
        cmpi_iallreduce_int64(
          counts.pointer + piece.lowerBound / 8, Int32(piece.count / 8), $0)
      }
    }
  }
}
