// Of rows that no model was trained on: the labels that matter, with their scores. Enough to tell
// which labels are taken for which, and which rows look mislabeled; small enough to be kept.

/// Rows with their true labels, those that were decided, and the best of the rest.
public struct HeldOutRows: Sendable, Equatable {
  /// A label of a row.
  public struct Entry: Sendable, Equatable {
    /// The label's index.
    public var label: Int32
    /// Its logit.
    public var logit: Float
    /// Whether the row has the label.
    public var isTrue: Bool
    /// Whether it was decided to have it.
    public var isDecided: Bool

    /// A label of a row; see the properties.
    public init(label: Int32, logit: Float, isTrue: Bool, isDecided: Bool) {
      (self.label, self.logit, self.isTrue, self.isDecided) = (label, logit, isTrue, isDecided)
    }

    /// - Parameter flags: as the property has them.
    public init(label: Int32, logit: Float, flags: UInt8) {
      self.init(label: label, logit: logit, isTrue: flags & 1 != 0, isDecided: flags & 2 != 0)
    }

    /// Bit 0 says that it is true, bit 1 that it was decided.
    public var flags: UInt8 { (isTrue ? 1 : 0) | (isDecided ? 2 : 0) }
  }

  /// Where each row stands in its file, from 0, ascending.
  public private(set) var numbers: [Int32] = []
  /// How many labels each row was decided to have, also where not all are among its entries.
  public private(set) var decidedCounts: [Int32] = []
  /// Where the entries of each row end.
  public private(set) var ends: [Int32] = []
  /// The entries of all rows; within a row the largest logit first.
  public private(set) var entries: [Entry] = []

  /// No rows.
  public init() {}

  /// Number of rows.
  public var count: Int { numbers.count }

  /// The entries of a row.
  public subscript(row: Int) -> ArraySlice<Entry> {
    entries[(row == 0 ? 0 : Int(ends[row - 1]))..<Int(ends[row])]
  }

  /// Adds a row.
  public mutating func append(
    number: Int32, decidedCount: Int32, entries added: some Sequence<Entry>
  ) {
    numbers.append(number)
    decidedCounts.append(decidedCount)
    entries.append(contentsOf: added)
    ends.append(Int32(entries.count))
  }

  /// The same rows in the order of their numbers.
  public var sorted: HeldOutRows {
    var result = HeldOutRows()
    for row in numbers.indices.sorted(by: { numbers[$0] < numbers[$1] }) {
      result.append(
        number: numbers[row], decidedCount: decidedCounts[row], entries: self[row])
    }
    return result
  }
}
