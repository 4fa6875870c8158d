// What a BERT tokenizer can be told, with the names and defaults of Hugging Face.

/// The clean-up that comes before WordPiece, as `tokenizer_config.json` describes it.
public struct TokenizerOptions: Equatable, Sendable {
  /// Lowercase, character by character (`do_lower_case`). True for uncased models.
  public var lowercases: Bool
  /// Remove nonspacing marks after canonical decomposition (`strip_accents`). Nil follows
  /// `lowercases`, as in the original BERT.
  public var stripsAccents: Bool?
  /// Make a word of every CJK ideograph (`tokenize_chinese_chars`).
  public var separatesIdeographs: Bool
  /// Remove control characters, NUL and U+FFFD, and turn all white space into spaces
  /// (`clean_text`). Only a tokenizer.json can turn it off.
  public internal(set) var cleansText = true
  /// A word of more characters than this is unknown (`max_input_chars_per_word`).
  /// Only a tokenizer.json can change it.
  public internal(set) var maximumCharactersPerWord = 100
  /// Other normalizers in place of lowercasing, accents, ideographs and clean-up; nil for none.
  /// Only a tokenizer.json can have them.
  var normalizers: [NormalizationStep]?
  /// Whether a text that is too long loses its beginning (`truncation_side` is `left`).
  public var truncatesLeft: Bool
  /// The token that stands for words the vocabulary cannot spell.
  public var unknownToken = "[UNK]"
  /// The token before every text.
  public var classToken = "[CLS]"
  /// The token after every text.
  public var separatorToken = "[SEP]"

  /// The options of an uncased BERT; pass `lowercases: false` for a cased one.
  public init(
    lowercases: Bool = true, stripsAccents: Bool? = nil, separatesIdeographs: Bool = true,
    truncatesLeft: Bool = false
  ) {
    self.lowercases = lowercases
    self.stripsAccents = stripsAccents
    self.separatesIdeographs = separatesIdeographs
    self.truncatesLeft = truncatesLeft
  }
}

extension TextNormalizer {
  /// The clean-up that the options describe.
  init(options: TokenizerOptions) {
    let clean = BertClean(
      cleansText: options.cleansText, separatesIdeographs: options.separatesIdeographs,
      stripsAccents: options.stripsAccents, lowercases: options.lowercases)
    self.init(clean, sequence: options.normalizers.map(NormalizationSequence.init))
  }
}
