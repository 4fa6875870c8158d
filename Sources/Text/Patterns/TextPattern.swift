/// What the normalizer `Replace` and the pre-tokenizer `Split` look for.
enum TextPattern: Equatable, Sendable {
  /// These bytes.
  case text([UInt8])
  /// A match of a regular expression.
  case expression(PatternProgram)

  /// A regular expression of the file `path`. Throws `TokenizerError` where it is not understood.
  init(expression: String, path: String) throws {
    do throws(PatternError) {
      self = .expression(try PatternProgram(expression))
    } catch {
      throw TokenizerError.unsupported(
        path: path,
        problem:
          "the regular expression \(expression) holds \(error.problem), which is not understood")
    }
  }

  /// The first match from `start` on.
  @inline(__always)
  func firstMatch(
    in text: Span<UInt8>, from start: Int, to end: Int, _ stack: inout [PatternChoice]
  ) -> Range<Int>? {
    switch self {
    case .text(let wanted): Self.first(wanted, in: text, from: start, to: end)
    case .expression(let program): program.firstMatch(in: text, from: start, to: end, &stack)
    }
  }

  private static func first(
    _ wanted: [UInt8], in text: Span<UInt8>, from start: Int, to end: Int
  ) -> Range<Int>? {
    var position = start
    let last = end - wanted.count
    while position <= last {
      if text[position] == wanted[0] {
        var length = 1
        while length < wanted.count && text[position + length] == wanted[length] { length += 1 }
        if length == wanted.count { return position..<position + length }
      }
      position += 1
    }
    return nil
  }
}
