// What BERT's clean-up asks about a character.
//
// Token ids must not depend on the Swift that built the program, and must equal those of Hugging
// Face, whose Rust libraries hold tables of several Unicode versions: general categories of 8.0,
// canonical decompositions of 9.0, letter case of 17.0. The standard library's properties are
// newer, so each is asked only about characters that its older table knew (`age`). The few
// characters whose category changed after 8.0 are listed below.

/// The answers for one character.
struct CharacterClass: OptionSet {
  let rawValue: UInt8

  /// White_Space: separates words.
  static let whitespace = CharacterClass(rawValue: 1)
  /// A control, format or private use character: removed.
  static let other = CharacterClass(rawValue: 2)
  /// A word of its own.
  static let punctuation = CharacterClass(rawValue: 4)
  /// General category Mn: removed with the accents.
  static let nonspacingMark = CharacterClass(rawValue: 8)
  /// Has a canonical decomposition.
  static let decomposable = CharacterClass(rawValue: 16)
  /// Changes when lowercased.
  static let uppercase = CharacterClass(rawValue: 32)
  /// Has a canonical combining class other than 0, so decomposing may move it.
  static let nonstarter = CharacterClass(rawValue: 64)
  /// A CJK ideograph, of the blocks that BERT lists.
  static let ideograph = CharacterClass(rawValue: 128)

  /// The classes of U+0000 to U+1FFFF; the rest is worked out when met.
  static let table: [CharacterClass] = (0..<0x20000).map { CharacterClass(of: UInt32($0)) }

  /// Works out the class of a scalar from the standard library's properties.
  init(of scalar: UInt32) {
    if Self.isIdeograph(scalar) {
      // F900–FAFF and 2F800–2FA1F hold compatibility ideographs: decomposition maps some.
      self = CanonicalDecomposition.mayDecompose(scalar) ? [.ideograph, .decomposable] : .ideograph
      return
    }
    if 0xAC00...0xD7A3 ~= scalar {
      self = .decomposable
      return
    }
    guard let properties = Unicode.Scalar(scalar)?.properties, let age = properties.age else {
      self = []
      return
    }
    var result: CharacterClass = []
    if properties.isWhitespace { result.insert(.whitespace) }
    if age <= (8, 0) { result.formUnion(Self.categoryClass(properties.generalCategory, scalar)) }
    if age <= (9, 0) {
      if CanonicalDecomposition.mayDecompose(scalar) { result.insert(.decomposable) }
      if properties.canonicalCombiningClass != .notReordered { result.insert(.nonstarter) }
    }
    if age <= (17, 0), properties.changesWhenLowercased { result.insert(.uppercase) }
    self = result
  }

  init(rawValue: UInt8) { self.rawValue = rawValue }

  private static func categoryClass(
    _ category: Unicode.GeneralCategory, _ scalar: UInt32
  ) -> CharacterClass {
    switch scalar {
    case 0x09, 0x0A, 0x0D: return []
    case 0x166D, 0x111C9: return .punctuation
    case 0x1734, 0x1171E: return .nonspacingMark
    case 0x1885, 0x1886, 0xA9BD: return []
    case 0x21...0x7E where category != .decimalNumber && !(0x41...0x5A ~= scalar & 0x5F):
      return .punctuation
    default: break
    }
    switch category {
    case .control, .format, .privateUse: return .other
    case .nonspacingMark: return .nonspacingMark
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
      .initialPunctuation, .finalPunctuation, .otherPunctuation:
      return .punctuation
    default: return []
    }
  }

  /// Hugging Face's list of blocks. It begins one block at 2B920 where the original BERT has
  /// 2B820, a slip that trained models have seen.
  private static func isIdeograph(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x2A6DF,
      0x2A700...0x2B81F, 0x2B920...0x2CEAF, 0x2F800...0x2FA1F:
      return true
    default: return false
    }
  }
}

extension [CharacterClass] {
  /// The class of any scalar, if this is `CharacterClass.table`.
  @inline(__always)
  func of(_ scalar: UInt32) -> CharacterClass {
    scalar < 0x20000 ? self[Int(scalar)] : CharacterClass(of: scalar)
  }
}
