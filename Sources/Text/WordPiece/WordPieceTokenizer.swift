// BERT's tokenizer. Token ids equal those of Hugging Face's `BertTokenizerFast` (the Rust library
// `tokenizers`). The older Python `BertTokenizer` differs from it, and from this, in four ways: it
// composes characters (NFC) first, so cased models see é and e + ´ alike; it lowercases whole
// words, with a final sigma; its Unicode tables are Python's; it lists CJK extension E from 2B820.
//
// T is the number of token ids of a text, [CLS] and [SEP] included.

/// Turns text into the token ids of a BERT vocabulary.
public struct WordPieceTokenizer: Tokenizer {
  /// What tokenizer.json calls this model.
  static let modelType = "WordPiece"

  /// The clean-up and the special tokens.
  public let options: TokenizerOptions
  /// One more than the highest token id, those of added tokens included.
  public let vocabularyCount: Int
  /// The id of the token before every text, [CLS].
  public let classID: Int32
  /// The id of the token after every text, [SEP].
  public let separatorID: Int32
  /// The id of words that the vocabulary cannot spell, [UNK].
  public let unknownID: Int32
  /// 16 hexadecimal digits of a hash of pieces, options, added tokens and this program's own rules.
  public let fingerprint: String
  /// The directory that the tokenizer was read from, or nil if it was made from a vocabulary.
  public let directory: String?
  /// The names of the files to be saved beside a model (`fileContents` has what is in them): those
  /// of tokenizer.json, vocab.txt, tokenizer_config.json, special_tokens_map.json and
  /// added_tokens.json that `directory` has; without a directory vocab.txt and
  /// tokenizer_config.json.
  public let files: [String]

  /// What is in `files` if there is no directory to copy them from.
  let generatedFiles: [TokenizerFileContent]
  let normalizer: TextNormalizer
  /// Words to pieces.
  let model: WordPieceModel
  /// Added tokens that are searched before and after the clean-up.
  let writtenTokens: AddedTokenMatcher
  let normalizedTokens: AddedTokenMatcher

  /// A tokenizer of the pieces of `vocabulary`, whose places are their ids (of two equal pieces the
  /// later counts). `addedTokens` are found before words are split; those that are not in the
  /// vocabulary get the ids after it. Without `addedTokens`, these are the special tokens
  /// [PAD], [UNK], [CLS], [SEP], [MASK] that the vocabulary has. Throws `TokenizerError`.
  public init(
    vocabulary: [String], options: TokenizerOptions = TokenizerOptions(),
    addedTokens: [AddedToken]? = nil
  ) throws {
    let pieces = vocabulary.enumerated().map { Piece(bytes: Array($1.utf8), id: Int32($0)) }
    let vocabulary = Vocabulary(pieces: pieces)
    let special = [options.unknownToken, options.classToken, options.separatorToken]
    let added =
      addedTokens
      ?? (special + ["[PAD]", "[MASK]"]).filter { vocabulary.id(of: $0) != nil }
      .map { AddedToken($0) }
    try self.init(
      TokenizerDefinition(
        vocabulary: vocabulary, options: options, addedTokens: added, source: "the vocabulary"))
  }

  /// A tokenizer as defined, whatever the definition was read from.
  init(
    _ definition: TokenizerDefinition, directory: String? = nil, files: [String] = []
  ) throws {
    let vocabulary = definition.vocabulary
    let options = definition.options
    let added = definition.numberedTokens()
    func require(_ token: String, _ role: String) throws -> Int32 {
      if let id = vocabulary.id(of: token) { return id }
      if let id = added.first(where: { $0.token.content == token })?.id { return id }
      throw TokenizerError.missingSpecialToken(
        token: token, role: role, source: definition.source)
    }
    unknownID = try require(options.unknownToken, "unk token")
    classID = try require(options.classToken, "cls token")
    separatorID = try require(options.separatorToken, "sep token")

    self.options = options
    self.directory = directory
    generatedFiles = directory == nil ? definition.files() : []
    self.files = directory == nil ? generatedFiles.map(\.name) : files
    let normalizer = TextNormalizer(options: options)
    self.normalizer = normalizer
    let (initial, continuations) = vocabulary.tables()
    model = WordPieceModel(
      initial: initial, continuations: continuations, unknownID: unknownID,
      maximumCharacters: options.maximumCharactersPerWord)

    writtenTokens = AddedTokenMatcher(
      added.filter { !$0.token.normalized }
        .map { (Array($0.token.content.utf8), $0.id, $0.token) })
    normalizedTokens = AddedTokenMatcher(
      added.filter(\.token.normalized).map {
        let content = Array($0.token.content.utf8)
        var clean: [UInt8] = []
        normalizer.normalize(content.span, from: 0, to: content.count, into: &clean)
        return (clean, $0.id, $0.token)
      })
    vocabularyCount = Int(max(vocabulary.highestID, added.map(\.id).max() ?? 0)) + 1
    fingerprint = definition.fingerprint(added: added)
  }
}
