/// How a row's labels are written.
enum LabelsForm: Equatable {
  /// They are not read.
  case none
  /// One column or key for each label, holding 0 or 1.
  case columns
  /// Names with a separator between them.
  case names(separator: [UInt8])
  /// Lists of names: arrays of JSON, or lists that were written as text.
  case lists
  /// Lists of 0 and 1, one for each of the names that the user gives.
  case flags
  /// Lists of numbers of the names that the user gives, from 0.
  case numbers
  /// Objects of JSON, with a member of 0 or 1 for each label.
  case members
}

/// Finds out how the column of the labels is written. Where that is not clear, the message has the
/// line that settles it.
struct LabelsFormSearch {
  let column: SampledColumn
  let columns: DataColumns
  /// The names of the labels by their numbers, where the user gives them.
  let names: [String]?
  let isJSON: Bool

  private var style: SettingStyle { columns.style }

  /// Why the form is not clear.
  struct Unclear: Error {
    let reason: String
  }

  func form() throws(Unclear) -> LabelsForm {
    var (lists, numbers, hasMembers) = ([[String]](), [[Double]](), false)
    for value in column.values {
      switch value {
      case .list(let names): lists.append(names)
      case .numbers(let list): numbers.append(list)
      case .number(let number): numbers.append([number])
      case .members: hasMembers = true
      case .missing, .text, .flag, .other: break
      }
    }
    if hasMembers { return .members }
    if !numbers.isEmpty, lists.allSatisfy(\.isEmpty) {
      return try numeric(numbers + lists.map { _ in [] })
    }
    let cells = isJSON && !lists.isEmpty ? [] : column.values.compactMap(Self.text)
    return cells.isEmpty ? .lists : try form(ofTexts: cells)
  }

  private static func text(_ value: SampledColumn.Value) -> String? {
    if case .text(let text) = value, LabelValue(text.utf8) != .missing { text } else { nil }
  }

  private func form(ofTexts cells: [String]) throws(Unclear) -> LabelsForm {
    let lists = cells.compactMap { ListText($0.utf8) }
    if 2 * lists.count > cells.count { return try form(ofLists: lists) }
    let bracketed = cells.filter { $0.hasPrefix("[") && $0.hasSuffix("]") }
    if columns.labelsSeparator == nil, 2 * bracketed.count > cells.count {
      throw Unclear(
        reason: "“\(name)” holds “\(excerpt(bracketed[0]))”, a list of names without quotes; take "
          + "the brackets off with df[\"\(name)\"].str.strip(\"[]\"), or if that is one name, set "
          + style.line(.labelsSeparator, ","))
    }
    let separator = columns.labelsSeparator ?? ","
    if let form = try form(ofNumbers: cells, separator) { return form }
    if columns.labelsSeparator == nil { try checkSeparator(cells) }
    return .names(separator: Array(separator.utf8))
  }

  private func form(ofLists lists: [ListText]) throws(Unclear) -> LabelsForm {
    var numbers: [[Double]] = []
    for list in lists {
      switch list {
      case .names(let names) where !names.isEmpty: return .lists
      case .names: numbers.append([])
      case .numbers(let values): numbers.append(values)
      }
    }
    return numbers.allSatisfy(\.isEmpty) ? .lists : try numeric(numbers)
  }

  /// Of cells such as “0,1,0,1”, or “3,1” where the names are given; nil of other cells.
  private func form(
    ofNumbers cells: [String], _ separator: String
  ) throws(Unclear) -> LabelsForm? {
    let lists = cells.map { cell in cell.split(separator: separator).map { Double($0.trimmed) } }
    let numbers = lists.map { $0.compactMap(\.self) }
    guard zip(lists, numbers).allSatisfy({ $0.count == $1.count }) else { return nil }
    guard names == nil else { return try numeric(numbers) }
    let isFlags = Self.flagCount(numbers).map { $0 > 2 } ?? false
    return isFlags ? try numeric(numbers) : nil
  }

  private var name: String { excerpt(column.name) }
}

extension LabelsFormSearch {
  /// How many zeros and ones each list has; nil where they are no such lists.
  private static func flagCount(_ lists: [[Double]]) -> Int? {
    guard let count = lists.first?.count, count > 1 else { return nil }
    let areFlags = lists.allSatisfy { list in
      list.count == count && list.allSatisfy { [0, 1, -1].contains($0) }
    }
    return areFlags ? count : nil
  }

  /// The form of lists of numbers.
  private func numeric(_ lists: [[Double]]) throws(Unclear) -> LabelsForm {
    let flags = Self.flagCount(lists)
    guard let names else { throw Unclear(reason: namesWanted(flags, lists)) }
    if flags == names.count { return .flags }
    let count = names.count
    let wrong = lists.joined().first { !(0..<Double(count)).contains($0) || $0 != $0.rounded() }
    if let wrong {
      throw Unclear(
        reason:
          "“\(name)” holds \(Self.shown(wrong)), but \(style.name(.labelNames)) gives \(count) "
          + "names, for the numbers 0 to \(count - 1)")
    }
    if let flags, flags > 2 {
      throw Unclear(
        reason: "“\(name)” holds lists of \(flags) zeros and ones, but "
          + "\(style.name(.labelNames)) gives \(count) names: give a name for each")
    }
    return .numbers
  }

  private func namesWanted(_ flags: Int?, _ lists: [[Double]]) -> String {
    let example = lists.first { !$0.isEmpty } ?? []
    let shown =
      "[\(example.prefix(6).map(Self.shown).joined(separator: ", "))"
      + (example.count > 6 ? ", …]" : "]")
    guard let flags else {
      return "“\(name)” holds numbers such as \(shown); name the labels in the order of their "
        + "numbers: \(style.line(.labelNames, "labels.txt")) is a file with a name a line"
    }
    let names = flags > 6 ? [] : (1...flags).map { "name\($0)" }
    return "“\(name)” holds lists of 0 and 1 such as \(shown); name the \(flags) labels in their "
      + "order: "
      + (names.isEmpty
        ? "\(style.line(.labelNames, "labels.txt")) is a file with a name a line"
        : style.line(.labelNames, names))
  }

  static func shown(_ number: Double) -> String {
    Int(exactly: number).map(String.init) ?? "\(number)"
  }

  /// Throws where another separator than the comma seems to stand between names, or where a string
  /// of JSON may be one name or several.
  private func checkSeparator(_ cells: [String]) throws(Unclear) {
    for separator in [";", "|", "\t"] {
      let joined = cells.filter { $0.contains(separator) }
      guard joined.count * 20 >= cells.count, let example = joined.first else { continue }
      let parts = cells.flatMap { SampledColumn.split($0, by: separator) }
      guard Set(parts).count * 2 < parts.count else { continue }
      throw Unclear(
        reason: "“\(name)” holds “\(excerpt(example))”, which seems to be several labels; set "
          + "\(style.line(.labelsSeparator, separator)), or if it is one label, "
          + style.line(.labelsSeparator, ","))
    }
    if let example = SampledColumn.spaced(cells) {
      throw Unclear(
        reason: "“\(name)” holds “\(excerpt(example))”, which seems to be several labels; set "
          + "\(style.line(.labelsSeparator, " ")), or if it is one label, "
          + style.line(.labelsSeparator, ","))
    }
    guard isJSON else { return }
    let example = cells.first { $0.contains(",") } ?? cells[0]
    throw Unclear(
      reason: "“\(name)” holds the string “\(excerpt(example))”, not an array of names; set "
        + "\(style.line(.labelsSeparator, ",")), or what else stands between two names in it")
  }
}

extension Substring {
  fileprivate var trimmed: Substring {
    var text = drop(while: \.isWhitespace)
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }
}
