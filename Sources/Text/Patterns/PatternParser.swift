// Reading the regular expressions of tokenizer.json: the syntax of Oniguruma, of which this is the
// part that tokenizers use. What is not understood is refused.

/// Why a regular expression cannot be used.
struct PatternError: Error {
  /// What it holds that is not understood.
  let problem: String
}

/// Reads one regular expression.
struct PatternParser {
  let scalars: [UInt32]
  var position = 0
  private var ignoresCase = false
  /// How many groups and sets are open.
  private var depth = 0
  private static let maximumDepth = 100

  init(_ text: String) { scalars = text.unicodeScalars.map(\.value) }

  /// The whole expression. Throws `PatternError`.
  mutating func parse() throws(PatternError) -> PatternNode {
    let node = try alternatives()
    guard next == nil else { throw PatternError(problem: "a ) without its (") }
    return node
  }

  var next: UInt32? { position < scalars.count ? scalars[position] : nil }

  func isNext(_ text: String) -> Bool {
    scalars[position...].starts(with: text.unicodeScalars.lazy.map(\.value))
  }

  mutating func skip(_ text: String) -> Bool {
    guard isNext(text) else { return false }
    position += text.unicodeScalars.count
    return true
  }

  private mutating func alternatives() throws(PatternError) -> PatternNode {
    var parts = [try sequence()]
    while skip("|") { parts.append(try sequence()) }
    return parts.count == 1 ? parts[0] : .alternatives(parts)
  }

  private mutating func sequence() throws(PatternError) -> PatternNode {
    var parts: [PatternNode] = []
    while let character = next, character != patternScalar("|"), character != patternScalar(")") {
      parts.append(try repeated(try atom()))
    }
    return parts.count == 1 ? parts[0] : .sequence(parts)
  }

  private mutating func repeated(_ atom: PatternNode) throws(PatternError) -> PatternNode {
    var repetition: Repetition
    if skip("*") {
      repetition = Repetition(minimum: 0)
    } else if skip("+") {
      repetition = Repetition(minimum: 1)
    } else if skip("?") {
      repetition = Repetition(minimum: 0, maximum: 1)
    } else if let range = try braces() {
      guard !isNext("+") else { throw PatternError(problem: "{…}+") }
      repetition = range
    } else {
      return atom
    }
    if skip("?") {
      repetition.kind = .lazy
    } else if skip("+") {
      repetition.kind = .possessive
    }
    guard !isNext("*"), !isNext("+"), !isNext("?"), !isNext("{") else {
      throw PatternError(problem: "a repetition of a repetition")
    }
    if repetition.maximum == nil, atom.canBeEmpty {
      throw PatternError(problem: "a repetition of what may be empty")
    }
    return .repetition(atom, repetition)
  }

  /// `{2}`, `{1,3}`, `{,3}` or `{1,}`.
  private mutating func braces() throws(PatternError) -> Repetition? {
    guard isNext("{") else { return nil }
    position += 1
    let low = number()
    var high = low
    if skip(",") { high = number() } else if low == nil { throw PatternError(problem: "{") }
    guard skip("}"), low != nil || high != nil, (high ?? .max) >= (low ?? 0),
      max(low ?? 0, high ?? 0) <= 100
    else { throw PatternError(problem: "the numbers of a repetition") }
    return Repetition(minimum: low ?? 0, maximum: high)
  }

  private mutating func number() -> Int? {
    var value: Int?
    while let digit = next, 0x30...0x39 ~= digit, (value ?? 0) < 1000 {
      value = (value ?? 0) * 10 + Int(digit - 0x30)
      position += 1
    }
    return value
  }

  private mutating func atom() throws(PatternError) -> PatternNode {
    guard let character = next else { throw PatternError(problem: "an end that is too early") }
    if character == patternScalar("(") { return try group() }
    if character == patternScalar("[") {
      position += 1
      return .set(try folded(try bracketed()))
    }
    position += 1
    switch character {
    case patternScalar("."): return .set(.dot)
    case patternScalar("\\"): return .set(try folded(try escaped()))
    case patternScalar("^"), patternScalar("$"), patternScalar("*"), patternScalar("+"),
      patternScalar("?"), patternScalar("{"):
      throw PatternError(problem: patternName(character))
    default: return .set(try folded(ScalarSet(ranges: [character...character])))
    }
  }

  private mutating func enter() throws(PatternError) {
    depth += 1
    if depth > Self.maximumDepth { throw PatternError(problem: "too many groups in groups") }
  }

  private mutating func group() throws(PatternError) -> PatternNode {
    let outer = ignoresCase
    try enter()
    defer { (ignoresCase, depth) = (outer, depth - 1) }
    var look: Bool?
    if skip("(?=") {
      look = false
    } else if skip("(?!") {
      look = true
    } else if skip("(?i:") {
      ignoresCase = true
    } else if skip("(?-i:") {
      ignoresCase = false
    } else if !skip("(?:") {
      guard !isNext("(?"), !isNext("(*") else {
        throw PatternError(problem: "a group (\(patternName(scalars[position + 1]))…")
      }
      position += 1
    }
    let node = try alternatives()
    guard skip(")") else { throw PatternError(problem: "a ( without its )") }
    return look.map { .lookahead(node, isNegative: $0) } ?? node
  }

  private func folded(_ set: ScalarSet) throws(PatternError) -> ScalarSet {
    guard ignoresCase else { return set }
    guard let folded = set.ignoringCase else {
      throw PatternError(problem: "(?i:) around characters other than ASCII letters")
    }
    return folded
  }

  /// What stands between [ and ].
  private mutating func bracketed() throws(PatternError) -> ScalarSet {
    try enter()
    defer { depth -= 1 }
    let isNegated = skip("^")
    var parts: [ScalarSet] = []
    var ranges: [ClosedRange<UInt32>] = []
    while !isNext("]") {
      guard let character = next, !isNext("[:"), !isNext("&&") else {
        throw PatternError(problem: next == nil ? "a [ without its ]" : "[: or && in [ ]")
      }
      if skip("[") {
        parts.append(try bracketed())
        continue
      }
      position += 1
      guard character != patternScalar("\\") || escapedCharacter != nil else {
        parts.append(try escaped())
        continue
      }
      let low = character == patternScalar("\\") ? try takeEscapedCharacter() : character
      ranges.append(low...(try upperBound(low)))
    }
    position += 1
    guard !ranges.isEmpty || !parts.isEmpty else { throw PatternError(problem: "[]") }
    let set =
      parts.isEmpty
      ? ScalarSet(ranges: ranges) : ScalarSet(anyOf: parts + [ScalarSet(ranges: ranges)])
    return isNegated ? set.complement : set
  }

  /// The end of a range that begins with `low`; `low` itself where none follows.
  private mutating func upperBound(_ low: UInt32) throws(PatternError) -> UInt32 {
    guard isNext("-"), position + 1 < scalars.count, scalars[position + 1] != patternScalar("]")
    else {
      return low
    }
    position += 1
    guard let character = next, character != patternScalar("[") else {
      throw PatternError(problem: "the end of a range in [ ]")
    }
    position += 1
    let high = character == patternScalar("\\") ? try takeEscapedCharacter() : character
    guard high >= low else { throw PatternError(problem: "an empty range in [ ]") }
    return high
  }
}
