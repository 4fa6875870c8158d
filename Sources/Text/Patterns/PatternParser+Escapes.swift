// What stands behind a backslash.

extension PatternParser {
  /// The character that an escape behind `\` stands for; nil where it stands for a set.
  var escapedCharacter: UInt32? {
    guard let character = next else { return nil }
    switch character {
    case patternScalar("n"): return 0x0A
    case patternScalar("r"): return 0x0D
    case patternScalar("t"): return 0x09
    case patternScalar("f"): return 0x0C
    case patternScalar("v"): return 0x0B
    case patternScalar("x"), patternScalar("u"): return 0
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: return nil
    default: return character
    }
  }

  mutating func takeEscapedCharacter() throws(PatternError) -> UInt32 {
    guard let character = escapedCharacter else {
      throw PatternError(problem: next.map { "\\" + patternName($0) } ?? "a \\ at the end")
    }
    let kind = next
    position += 1
    guard kind == patternScalar("x") || kind == patternScalar("u") else { return character }
    let isBraced = kind == patternScalar("x") && skip("{")
    var digits = ""
    while let digit = next.flatMap(Unicode.Scalar.init), digit.properties.isASCIIHexDigit,
      digits.count < (isBraced ? 6 : kind == patternScalar("x") ? 2 : 4)
    {
      digits.unicodeScalars.append(digit)
      position += 1
    }
    guard !isBraced || skip("}"), let value = UInt32(digits, radix: 16), value < 0x110000,
      isBraced || value < 0x80 || kind == patternScalar("u")
    else { throw PatternError(problem: "\\" + patternName(kind ?? 0)) }
    return value
  }

  /// What an escape behind `\` stands for.
  mutating func escaped() throws(PatternError) -> ScalarSet {
    if escapedCharacter != nil {
      let character = try takeEscapedCharacter()
      return ScalarSet(ranges: [character...character])
    }
    guard let character = next else { throw PatternError(problem: "a \\ at the end") }
    position += 1
    switch character {
    case patternScalar("s"): return ScalarSet(.whitespace)
    case patternScalar("S"): return ScalarSet(.whitespace).complement
    case patternScalar("w"): return .word
    case patternScalar("W"): return ScalarSet.word.complement
    case patternScalar("d"): return ScalarSet(.decimalNumber)
    case patternScalar("D"): return ScalarSet(.decimalNumber).complement
    case patternScalar("p"): return try property()
    case patternScalar("P"): return try property().complement
    default: throw PatternError(problem: "\\" + patternName(character))
    }
  }

  /// `{L}` or `{^L}` behind `\p`.
  private mutating func property() throws(PatternError) -> ScalarSet {
    guard skip("{") else { throw PatternError(problem: "\\p without {}") }
    let isNegated = skip("^")
    var text = ""
    while let character = next.flatMap(Unicode.Scalar.init), !isNext("}") {
      text.unicodeScalars.append(character)
      position += 1
    }
    guard skip("}"), let set = ScalarSet(property: text) else {
      throw PatternError(problem: "\\p{\(text)}")
    }
    return isNegated ? set.complement : set
  }
}

/// The value of a character.
func patternScalar(_ character: Unicode.Scalar) -> UInt32 { character.value }

/// A character as it is written.
func patternName(_ value: UInt32) -> String {
  Unicode.Scalar(value).map { String(Character($0)) } ?? "?"
}
