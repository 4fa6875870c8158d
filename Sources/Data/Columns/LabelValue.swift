/// What a cell says of one label in one row: the one place where 0, 1 and what stands for them is
/// read.
enum LabelValue: Equatable {
  case negative
  case positive
  /// Nothing: the cell is empty, or holds what pandas writes for a missing value.
  case missing
  /// That nobody knows whether the label holds.
  case unknown

  /// What a cell of text says; nil where it says none of this.
  init?(_ cell: some Collection<UInt8>) {
    guard let value = Self.trimmed(cell) else {
      self = .missing
      return
    }
    switch value {
    case "1", "1.0", "true", "True", "TRUE": self = .positive
    case "0", "0.0", "false", "False", "FALSE": self = .negative
    case _ where Self.missingTexts.contains(value): self = .missing
    default: return nil
    }
  }

  /// What a number says; nil where it is neither 0 nor 1.
  init?(_ number: Double) {
    switch number {
    case 0: self = .negative
    case 1: self = .positive
    default: return nil
    }
  }

  /// The cell without white space around it; nil where nothing is left. What is longer than any of
  /// the values is cut.
  private static func trimmed(_ cell: some Collection<UInt8>) -> String? {
    var value = Array(cell.drop(while: \.isBlank).prefix(64))
    while let last = value.last, last.isBlank { value.removeLast() }
    return value.isEmpty ? nil : String(decoding: value, as: UTF8.self)
  }

  /// What `pandas.read_csv` takes for a missing value.
  private static let missingTexts: Set<String> = [
    "NaN", "nan", "NA", "N/A", "n/a", "<NA>", "None", "null", "NULL", "#N/A", "#NA", "-NaN", "-nan",
  ]
}

extension DataColumns {
  /// What a missing value says of a label. Throws if it has no meaning.
  /// - Parameter name: the label's.
  func valueOfMissing(label name: String) throws(RowProblem) -> LabelValue {
    switch emptyCells {
    case .zero: .negative
    case .unknown: .unknown
    case .error:
      throw RowProblem(
        "the label column “\(excerpt(name))” is empty: 0 or 1 is wanted; "
          + "\(style.line(.emptyCells, "zero")) makes empty cells 0, "
          + "\(style.line(.emptyCells, "unknown")) leaves them out")
    }
  }
}
