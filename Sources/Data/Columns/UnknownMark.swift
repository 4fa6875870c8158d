/// What a cell holds where nobody knows whether the label holds.
struct UnknownMark: Equatable, Sendable {
  /// As the user writes it.
  let text: String
  private let bytes: [UInt8]
  /// Its value, where it is a number: −1 and −1.0 are the same mark.
  private let number: Double?

  init(_ text: String) {
    self.text = text
    bytes = Array(text.utf8)
    number = Double(text)
  }

  /// Whether a number is the mark.
  func matches(_ value: Double) -> Bool { number == value }

  /// Whether a cell is marked.
  func matches(_ cell: [UInt8]) -> Bool {
    if cell == bytes { return true }
    // What cannot be a number need not be read as one.
    guard let number, let first = cell.first, first < UInt8(ascii: "A") else { return false }
    return Double(String(decoding: cell, as: UTF8.self)) == number
  }
}
