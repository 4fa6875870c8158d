// Numbers as people read them. Without locale: the same text everywhere.

import Foundation

/// A time span: "0.4s", "42s", "3m05s", "1h02m", "2d03h"; "?" for what is not a time span.
public func duration(_ seconds: Double) -> String {
  guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return "?" }
  if seconds < 9.95 { return "\(fixed(seconds, digits: 1))s" }
  let whole = Int(seconds.rounded())
  func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
  switch whole {
  case ..<60: return "\(whole)s"
  case ..<3600: return "\(whole / 60)m\(two(whole % 60))s"
  case ..<86400: return "\(whole / 3600)h\(two(whole / 60 % 60))m"
  default: return "\(whole / 86400)d\(two(whole / 3600 % 24))h"
  }
}

/// A number with `digits` after the point.
public func fixed(_ value: Double, digits: Int) -> String {
  String(format: "%.\(digits)f", value)
}

/// A number with four significant digits, in scientific notation below 0.001 and from 100,000 on.
public func significant(_ value: Double) -> String {
  guard value.isFinite, value != 0 else { return value == 0 ? "0" : "\(value)" }
  let size = abs(value)
  guard size >= 1e-3, size < 1e5 else { return String(format: "%.2e", value) }
  return fixed(value, digits: max(0, 3 - Int(log10(size).rounded(.down))))
}

/// A number in the shortest form of four significant digits: "5", "0.01", "2e-05".
public func compact(_ value: Double) -> String { String(format: "%.4g", value) }

/// A number of things: "1 row", "2,000 rows".
public func counted(_ number: Int, _ thing: String) -> String {
  "\(grouped(Double(number))) \(thing)\(number == 1 ? "" : "s")"
}

/// A number rounded to a whole one, thousands separated by commas.
public func grouped(_ value: Double) -> String {
  guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
  let digits = String(Int(abs(value).rounded()))
  var text = ""
  for (index, digit) in digits.enumerated() {
    if index > 0, (digits.count - index) % 3 == 0 { text += "," }
    text.append(digit)
  }
  return value <= -0.5 ? "-" + text : text
}

extension String {
  /// The text, followed by blanks up to `width` characters.
  public func padding(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}

/// Columns of a screen of text.
public let screenWidth = 80

/// Text in lines of at most `width` characters, broken between words; a longer word is broken.
/// - Parameters:
///   - title: stands at the beginning of the first line.
///   - indent: where the text begins in every line.
///   - limit: lines at most; text that does not fit ends in "…".
public func wrapped(
  _ text: String, title: String = "", indent: Int, limit: Int = .max, width: Int = screenWidth
) -> [String] {
  let room = max(width - indent, 1)
  var lines = [""]
  for word in text.split(separator: " ") {
    var rest = Substring(word)
    if !lines[lines.count - 1].isEmpty {
      if lines[lines.count - 1].count + 1 + rest.count <= room {
        lines[lines.count - 1] += " " + rest
        continue
      }
      lines.append("")
    }
    while rest.count > room {
      lines[lines.count - 1] = String(rest.prefix(room))
      rest = rest.dropFirst(room)
      lines.append("")
    }
    lines[lines.count - 1] = String(rest)
  }
  if lines.count > limit {
    lines = Array(lines.prefix(limit))
    lines[limit - 1] = String(lines[limit - 1].prefix(room - 2)) + " …"
  }
  return lines.enumerated().map { index, line in
    (index == 0 ? title : "").padding(to: indent) + line
  }
}

/// Rows of cells below a header, in columns as wide as their widest cell: the first one to the left,
/// the others to the right.
public func alignedColumns(_ rows: [[String]], gap: Int = 2) -> [String] {
  let count = rows.map(\.count).max() ?? 0
  let widths = (0..<count).map { column in
    rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
  }
  let blank = String(repeating: " ", count: gap)
  return rows.map { row in
    let cells = row.enumerated().map { column, cell in
      column == 0
        ? cell.padding(to: widths[0])
        : String(repeating: " ", count: widths[column] - cell.count) + cell
    }
    let line = cells.joined(separator: blank)
    return String(line.reversed().drop { $0 == " " }.reversed())
  }
}
