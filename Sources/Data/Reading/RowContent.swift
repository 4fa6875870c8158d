import Text

/// What is kept of the texts of a data file.
public enum RowContent {
  /// Their token ids, at most `maxLength` a row.
  case tokens(any Tokenizer, maxLength: Int)
  /// The texts themselves, of any length.
  case texts
  /// Token ids, at most `maxLength` a row, and the whole texts.
  case tokensAndTexts(any Tokenizer, maxLength: Int)

  /// The tokenizer and its limit; nil where there are no tokens.
  var tokenization: (tokenizer: any Tokenizer, maxLength: Int)? {
    switch self {
    case .tokens(let tokenizer, let maxLength), .tokensAndTexts(let tokenizer, let maxLength):
      (tokenizer, maxLength)
    case .texts: nil
    }
  }

  /// Whether the texts are kept.
  var keepsTexts: Bool {
    if case .tokens = self { false } else { true }
  }

  /// What a resumed run must find again of the way to read texts.
  public var fingerprint: String {
    // The name under which the checkpoints of linear models know their texts.
    tokenization?.tokenizer.fingerprint ?? "text bytes 1"
  }

  /// A text that differs wherever two values keep something else of the same file.
  public var identity: String {
    let tokens = tokenization.map { "tokens \($0.tokenizer.fingerprint) \($0.maxLength)" }
    return [tokens, keepsTexts ? "texts" : nil].compactMap(\.self).joined(separator: ", ")
  }
}
