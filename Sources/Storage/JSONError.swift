/// Text that is not JSON, or not JSON that this program accepts.
public struct JSONError: Error, Equatable, CustomStringConvertible {
  /// What is wrong, without the place.
  public let problem: String
  /// The line, from 1.
  public let line: Int
  /// The column in Unicode scalars, from 1.
  public let column: Int

  /// The place and the problem.
  public var description: String { "line \(line), column \(column): \(problem)" }

  /// The error at byte `position` of a text, which stands in `range` of `bytes`.
  init(_ problem: String, at position: Int, of range: Range<Int>, in bytes: Span<UInt8>) {
    var (line, column) = (1, 1)
    for index in range.lowerBound..<min(position, range.upperBound) {
      if bytes[index] == 0x0A {
        (line, column) = (line + 1, 1)
      } else if bytes[index] & 0xC0 != 0x80 {
        column += 1
      }
    }
    self.problem = problem
    (self.line, self.column) = (line, column)
  }
}

/// A text from a file made fit for a message: quoted, without control characters, at most 60
/// characters.
package func excerpt(_ text: String) -> String {
  let clean = text.unicodeScalars.prefix(61).map { $0.value < 0x20 || $0.value == 0x7F ? "?" : $0 }
  let shown = String(String.UnicodeScalarView(clean.prefix(60)))
  return clean.count > 60 ? "\"\(shown)…\"" : "\"\(shown)\""
}
