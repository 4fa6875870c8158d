import Storage

/// A column of a file, as its first rows have it.
public struct SampledColumn {
  /// A cell.
  public enum Value: Equatable {
    /// There is no such key, or null.
    case missing
    case text(String)
    case number(Double)
    case flag(Bool)
    /// An array of strings; an empty one too.
    case list([String])
    /// An array of numbers, or of true and false as 1 and 0.
    case numbers([Double])
    /// The names of an object's members.
    case members([String])
    /// An array of something else.
    case other

    init(_ json: JSONValue) {
      switch json {
      case .null: self = .missing
      case .bool(let flag): self = .flag(flag)
      case .integer(let value): self = .number(Double(value))
      case .double(let value): self = .number(value)
      case .string(let text): self = .text(text)
      case .object(let object): self = .members(object.keys)
      case .array(let elements):
        let texts = elements.compactMap(\.string)
        let numbers = elements.compactMap { element in
          if case .bool(let flag) = element { flag ? 1.0 : 0 } else { element.plainNumber }
        }
        if texts.count == elements.count {
          self = .list(texts)
        } else {
          self = numbers.count == elements.count ? .numbers(numbers) : .other
        }
      }
    }
  }

  /// Its name; empty for the index that pandas writes.
  public let name: String
  /// Its cells, a row each.
  public internal(set) var values: [Value]
  /// What a cell holds that says that nobody knows; nil if no cell says so.
  var unknown: UnknownMark? = UnknownMark(DataColumns.usualUnknownLabel)

  init(name: String, values: [Value]) {
    (self.name, self.values) = (name, values)
  }

  /// The cells that hold something, as text.
  var texts: [String] {
    values.compactMap { value in
      switch value {
      case .text(let text): text.isEmpty ? nil : text
      case .number(let number): Int(exactly: number).map(String.init) ?? "\(number)"
      case .flag(let flag): flag ? "1" : "0"
      case .missing, .list, .numbers, .members, .other: nil
      }
    }
  }

  /// Whether every cell says yes or no, that nobody knows, or is empty, and one says yes or no.
  var isBinary: Bool {
    guard bitCount > 0, bitCount + unknownCount == valueCount else { return false }
    // In a column of 1 and −1 alone, −1 may well mean no.
    return unknownCount == 0 || Set(knownTexts).count > 1
  }

  /// Whether most cells that hold something say yes or no, or that nobody knows.
  var isMostlyBinary: Bool {
    let count = bitCount + unknownCount
    return count > 0 && 2 * count >= valueCount
  }

  /// Cells that say that nobody knows.
  var unknownCount: Int { texts.count - knownTexts.count }

  private var knownTexts: [String] {
    guard let unknown else { return texts }
    return texts.filter { !unknown.matches(Array($0.utf8)) }
  }

  /// Names in all cells that are arrays of strings.
  var nameCount: Int {
    values.reduce(0) { sum, value in
      if case .list(let names) = value { sum + names.count } else { sum }
    }
  }

  /// Whether so many cells hold fractions that they mean something: probabilities, or mean votes.
  var holdsFractions: Bool {
    guard isNumeric else { return false }
    let fractions = texts.compactMap(Double.init).filter { $0.isFinite && $0 != $0.rounded() }
    return fractions.count * 20 > texts.count
  }

  /// Cells that say yes.
  var positiveCount: Int {
    values.count { value in
      switch value {
      case .text(let text): LabelValue(text.utf8) == .positive
      case .number(let number): LabelValue(number) == .positive
      case .flag(let flag): flag
      case .missing, .list, .numbers, .members, .other: false
      }
    }
  }

  /// Cells that say yes or no.
  private var bitCount: Int {
    values.count { value in
      switch value {
      case .text(let text): [.positive, .negative].contains(LabelValue(text.utf8))
      case .number(let number): LabelValue(number) != nil
      case .flag: true
      case .missing, .list, .numbers, .members, .other: false
      }
    }
  }

  /// Cells that hold something.
  private var valueCount: Int {
    values.count { value in
      switch value {
      case .text(let text): LabelValue(text.utf8) != .missing
      case .missing: false
      default: true
      }
    }
  }

  /// Rows whose cell holds nothing.
  var missingRows: [Int] {
    values.indices.filter { row in
      switch values[row] {
      case .text(let text): LabelValue(text.utf8) == .missing
      case .missing: true
      default: false
      }
    }
  }

  /// Whether no cell holds anything.
  var isEmpty: Bool { valueCount == 0 }

  /// Whether every cell says the same.
  var isConstant: Bool { Set(knownTexts).count <= 1 && missingRows.isEmpty }

  /// Whether cells are arrays, or objects.
  var isListed: Bool {
    values.contains { value in
      switch value {
      case .list(let names): !names.isEmpty
      case .numbers, .members: true
      default: false
      }
    }
  }

  /// Whether every cell that holds something is a number.
  var isNumeric: Bool {
    !texts.isEmpty && texts.allSatisfy { Double($0) != nil }
  }

  /// Characters of a cell, on average.
  var meanLength: Double {
    texts.isEmpty ? 0 : Double(texts.reduce(0) { $0 + $1.count }) / Double(texts.count)
  }

  /// Different cells as a share of all that hold something.
  var distinctShare: Double {
    texts.isEmpty ? 0 : Double(Set(texts).count) / Double(texts.count)
  }
}

extension JSONValue {
  /// A number; not the strings that stand for infinities.
  fileprivate var plainNumber: Double? { string == nil ? number : nil }
}
