// What Python asks about a character when it makes words: `\w`, `str.isspace`, `str.lower`.
//
// Features must not depend on the Swift that built the program, so characters younger than Unicode
// 14.0, which the fixtures' Python 3.11 knows, are not letters and have no case here.

/// The answers for one character.
struct LetterKind: OptionSet {
  let rawValue: UInt8

  /// `\w`: a letter, anything with a numeric value, or the underscore.
  static let word = LetterKind(rawValue: 1)
  /// `str.isspace`: White_Space, and the separators U+001C to U+001F.
  static let whitespace = LetterKind(rawValue: 2)
  /// Changes when lowercased.
  static let uppercase = LetterKind(rawValue: 4)
  /// Has a case, or could: what a final sigma must follow.
  static let cased = LetterKind(rawValue: 8)
  /// Is passed over in the search for a cased neighbor of a sigma.
  static let caseIgnorable = LetterKind(rawValue: 16)

  /// The kinds of U+0000 to U+1FFFF; the rest is worked out when met.
  static let table: [LetterKind] = (0..<0x20000).map { LetterKind(of: UInt32($0)) }

  init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Works out the kind of a scalar from the standard library's properties.
  init(of scalar: UInt32) {
    self = []
    guard let properties = Unicode.Scalar(scalar)?.properties,
      let age = properties.age, age <= (14, 0)
    else { return }
    if Self.isLetter(properties.generalCategory) || properties.numericType != nil || scalar == 0x5F
    {
      insert(.word)
    }
    if properties.isWhitespace || 0x1C...0x1F ~= scalar { insert(.whitespace) }
    if properties.changesWhenLowercased { insert(.uppercase) }
    if properties.isCased { insert(.cased) }
    if properties.isCaseIgnorable { insert(.caseIgnorable) }
  }

  private static func isLetter(_ category: Unicode.GeneralCategory) -> Bool {
    switch category {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
    default: false
    }
  }
}

extension [LetterKind] {
  /// The kind of any scalar, if this is `LetterKind.table`.
  @inline(__always)
  func of(_ scalar: UInt32) -> LetterKind {
    scalar < 0x20000 ? self[Int(scalar)] : LetterKind(of: scalar)
  }
}
