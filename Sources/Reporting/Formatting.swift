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
