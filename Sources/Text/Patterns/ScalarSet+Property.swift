extension ScalarSet {
  /// The set that `\p{…}` names; nil where the name is not known.
  init?(property name: String) {
    let plain = name.lowercased().filter { !" _-".contains($0) }
    if plain == "han" {
      self.init(ranges: Self.hanRanges)
    } else if let kinds = Self.kinds[plain] {
      self.init(kinds)
    } else {
      return nil
    }
  }

  private static let kinds: [String: ScalarKind] = [
    "l": .letter, "letter": .letter, "lu": .uppercaseLetter, "ll": .lowercaseLetter,
    "lt": .titlecaseLetter, "lm": .modifierLetter, "lo": .otherLetter,
    "m": .mark, "mark": .mark, "mn": .nonspacingMark, "mc": .spacingMark, "me": .enclosingMark,
    "n": .number, "number": .number, "nd": .decimalNumber, "nl": .letterNumber,
    "no": .otherNumber,
    "p": .punctuation, "punctuation": .punctuation, "pc": .connectorPunctuation,
    "pd": .dashPunctuation, "ps": .openPunctuation, "pe": .closePunctuation,
    "pi": .initialPunctuation, "pf": .finalPunctuation, "po": .otherPunctuation,
    "s": .symbol, "symbol": .symbol, "sm": .mathSymbol, "sc": .currencySymbol,
    "sk": .modifierSymbol, "so": .otherSymbol,
    "z": .separator, "separator": .separator, "zs": .spaceSeparator, "zl": .lineSeparator,
    "zp": .paragraphSeparator,
  ]

  /// The script Han, as of Unicode 16.0.
  private static let hanRanges: [ClosedRange<UInt32>] = [
    0x2E80...0x2E99, 0x2E9B...0x2EF3, 0x2F00...0x2FD5, 0x3005...0x3005, 0x3007...0x3007,
    0x3021...0x3029, 0x3038...0x303B, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFA6D,
    0xFA70...0xFAD9, 0x1_6FE2...0x1_6FE3, 0x1_6FF0...0x1_6FF1, 0x2_0000...0x2_A6DF,
    0x2_A700...0x2_B739, 0x2_B740...0x2_B81D, 0x2_B820...0x2_CEA1, 0x2_CEB0...0x2_EBE0,
    0x2_EBF0...0x2_EE5D, 0x2_F800...0x2_FA1D, 0x3_0000...0x3_134A, 0x3_1350...0x3_23AF,
  ]
}
