import Memory

/// The losses of rows, summed exactly: in any order, on any number of ranks, the same bits.
public struct LossSum: Sendable, Equatable {
  /// Rows added.
  public private(set) var rows = 0
  /// Known cells of these rows: rows × labels where all is known.
  public private(set) var cells = 0
  private var sum = ExactSum()

  /// No rows.
  public init() {}

  /// Adds a row's loss, summed over its `cells` known labels.
  public mutating func add(_ rowLoss: Double, cells: Int) {
    rows += 1
    self.cells += cells
    sum.add(rowLoss)
  }

  /// The mean over the known cells: NaN if any row's loss was NaN or infinite, 0 without such
  /// cells.
  public var mean: Double {
    let sum = sum.value
    return cells == 0 && !sum.isNaN ? 0 : sum / Double(cells)
  }

  /// Number of integers that `integers` holds.
  public static let integerCount = 6

  /// The state, to be summed over the ranks, `[integerCount]`.
  public var integers: [Int64] {
    [Int64(rows), Int64(cells)] + (0..<4).map { sum.integers[$0] }
  }

  /// The state whose integers are the sums of those of several states.
  public init(integers: [Int64]) {
    precondition(integers.count == Self.integerCount)
    rows = Int(integers[0])
    cells = Int(integers[1])
    sum = ExactSum(integers: SIMD4(integers[2], integers[3], integers[4], integers[5]))
  }

  init(from integers: Vector<Int64>) {
    self.init(integers: integers[0..<Self.integerCount].array)
  }
}
