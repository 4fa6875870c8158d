// What the patterns of tokenizer.json ask about a character: `\p{L}`, `\s`, `\w`.
//
// The library `tokenizers` 0.23 knows Unicode 16.0 in both of its engines of regular expressions.
// The standard library is newer, so characters younger than 16.0 are unassigned here, and the one
// older character whose category changed is listed.

/// The answers for one character: its general category, and sets that are no categories.
struct ScalarKind: OptionSet, Sendable {
  let rawValue: UInt32

  init(rawValue: UInt32) { self.rawValue = rawValue }

  private init(bit: UInt32) { rawValue = 1 << bit }

  static let uppercaseLetter = ScalarKind(bit: 0)
  static let lowercaseLetter = ScalarKind(bit: 1)
  static let titlecaseLetter = ScalarKind(bit: 2)
  static let modifierLetter = ScalarKind(bit: 3)
  static let otherLetter = ScalarKind(bit: 4)
  static let nonspacingMark = ScalarKind(bit: 5)
  static let spacingMark = ScalarKind(bit: 6)
  static let enclosingMark = ScalarKind(bit: 7)
  static let decimalNumber = ScalarKind(bit: 8)
  static let letterNumber = ScalarKind(bit: 9)
  static let otherNumber = ScalarKind(bit: 10)
  static let connectorPunctuation = ScalarKind(bit: 11)
  static let dashPunctuation = ScalarKind(bit: 12)
  static let openPunctuation = ScalarKind(bit: 13)
  static let closePunctuation = ScalarKind(bit: 14)
  static let initialPunctuation = ScalarKind(bit: 15)
  static let finalPunctuation = ScalarKind(bit: 16)
  static let otherPunctuation = ScalarKind(bit: 17)
  static let mathSymbol = ScalarKind(bit: 18)
  static let currencySymbol = ScalarKind(bit: 19)
  static let modifierSymbol = ScalarKind(bit: 20)
  static let otherSymbol = ScalarKind(bit: 21)
  static let spaceSeparator = ScalarKind(bit: 22)
  static let lineSeparator = ScalarKind(bit: 23)
  static let paragraphSeparator = ScalarKind(bit: 24)
  static let control = ScalarKind(bit: 25)
  static let format = ScalarKind(bit: 26)
  static let privateUse = ScalarKind(bit: 27)
  static let unassigned = ScalarKind(bit: 28)
  /// White_Space.
  static let whitespace = ScalarKind(bit: 29)
  /// `\w` of Unicode Technical Standard 18, annex C.
  static let word = ScalarKind(bit: 30)
  /// A number as of Unicode 17.0, which is what Rust's `char::is_numeric` knows.
  static let numeric = ScalarKind(bit: 31)

  static let letter: ScalarKind = [
    .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
  ]
  static let mark: ScalarKind = [.nonspacingMark, .spacingMark, .enclosingMark]
  static let number: ScalarKind = [.decimalNumber, .letterNumber, .otherNumber]
  static let punctuation: ScalarKind = [
    .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
    .initialPunctuation, .finalPunctuation, .otherPunctuation,
  ]
  static let symbol: ScalarKind = [.mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol]
  static let separator: ScalarKind = [.spaceSeparator, .lineSeparator, .paragraphSeparator]
  static let other: ScalarKind = [.control, .format, .privateUse, .unassigned]

  /// The kinds of U+0000 to U+1FFFF; the rest is worked out when met.
  static let table: [ScalarKind] = (0..<0x20000).map { ScalarKind(of: UInt32($0)) }

  /// Works out the kind of a scalar from the standard library's properties.
  init(of scalar: UInt32) {
    guard let properties = Unicode.Scalar(scalar)?.properties, let age = properties.age else {
      self = .unassigned
      return
    }
    let category = Self.category(properties.generalCategory)
    var kind: ScalarKind = .unassigned
    if age <= (16, 0) {
      kind = scalar == 0x295 ? .lowercaseLetter : category
      let words: ScalarKind = [.mark, .decimalNumber, .connectorPunctuation]
      if properties.isAlphabetic || properties.isJoinControl || !kind.isDisjoint(with: words) {
        kind.insert(.word)
      }
    }
    if properties.isWhitespace { kind.insert(.whitespace) }
    if age <= (17, 0), !category.isDisjoint(with: .number) { kind.insert(.numeric) }
    self = kind
  }

  private static func category(_ category: Unicode.GeneralCategory) -> ScalarKind {
    switch category {
    case .uppercaseLetter: .uppercaseLetter
    case .lowercaseLetter: .lowercaseLetter
    case .titlecaseLetter: .titlecaseLetter
    case .modifierLetter: .modifierLetter
    case .otherLetter: .otherLetter
    case .nonspacingMark: .nonspacingMark
    case .spacingMark: .spacingMark
    case .enclosingMark: .enclosingMark
    case .decimalNumber: .decimalNumber
    case .letterNumber: .letterNumber
    case .otherNumber: .otherNumber
    default: rest(category)
    }
  }

  private static func rest(_ category: Unicode.GeneralCategory) -> ScalarKind {
    switch category {
    case .connectorPunctuation: .connectorPunctuation
    case .dashPunctuation: .dashPunctuation
    case .openPunctuation: .openPunctuation
    case .closePunctuation: .closePunctuation
    case .initialPunctuation: .initialPunctuation
    case .finalPunctuation: .finalPunctuation
    case .otherPunctuation: .otherPunctuation
    case .mathSymbol: .mathSymbol
    case .currencySymbol: .currencySymbol
    case .modifierSymbol: .modifierSymbol
    case .otherSymbol: .otherSymbol
    case .spaceSeparator: .spaceSeparator
    case .lineSeparator: .lineSeparator
    case .paragraphSeparator: .paragraphSeparator
    case .control: .control
    case .format: .format
    case .privateUse: .privateUse
    default: .unassigned
    }
  }
}

extension [ScalarKind] {
  /// The kind of any scalar, if this is `ScalarKind.table`.
  @inline(__always)
  func of(_ scalar: UInt32) -> ScalarKind {
    scalar < 0x20000 ? self[Int(scalar)] : ScalarKind(of: scalar)
  }
}
