import Memory

/// The losses of rows, summed exactly: in any order, on any number of ranks, the same bits.
public struct LossSum: Sendable, Equatable {
  /// Rows added.
  public private(set) var rows = 0
  private var sum = ExactSum()

  /// No rows.
  public init() {}

  /// Adds a row's loss, summed over its labels.
  public mutating func add(_ rowLoss: Double) {
    rows += 1
    sum.add(rowLoss)
  }

  /// The mean over rows × labels: NaN if any row's loss was NaN or infinite, 0 without rows.
  public func mean(labels: Int) -> Double {
    rows == 0 ? 0 : sum.value / (Double(rows) * Double(labels))
  }

  /// Number of integers that `integers` holds.
  public static let integerCount = 5

  /// The state, to be summed over the ranks, `[integerCount]`.
  public var integers: [Int64] {
    [Int64(rows)] + (0..<4).map { sum.integers[$0] }
  }

  /// The state whose integers are the sums of those of several states.
  public init(integers: [Int64]) {
    precondition(integers.count == Self.integerCount)
    rows = Int(integers[0])
    sum = ExactSum(integers: SIMD4(integers[1], integers[2], integers[3], integers[4]))
  }

  init(from integers: Vector<Int64>) {
    self.init(integers: integers[0..<Self.integerCount].array)
  }
}
