// BERT's files, as `BertTokenizerFast` reads them, which `AutoTokenizer` gives for a BERT model.
//
// It takes the pieces from tokenizer.json, and from vocab.txt only where that is missing; but
// lowercasing, accents and ideographs from tokenizer_config.json or its own defaults (uncased),
// whatever the normalizer in tokenizer.json says. Only where tokenizer_config.json names a generic
// class does tokenizer.json decide all of it.

import Storage

extension TokenizerDirectory {
  /// The WordPiece tokenizer that the files define. Throws `TokenizerError`.
  func definition() throws -> TokenizerDefinition {
    let vocabulary: Vocabulary
    let source: String
    if let tokenizer {
      source = "\(path)/tokenizer.json"
      vocabulary = try TokenizerFile(tokenizer, path: source).vocabulary()
    } else {
      source = "\(path)/vocab.txt"
      guard files.contains("vocab.txt") else {
        throw TokenizerError.missingFile(
          directory: path, names: ["tokenizer.json", "vocab.txt"])
      }
      vocabulary = try Vocabulary(contentsOf: source)
    }
    var definition = TokenizerDefinition(
      vocabulary: vocabulary, options: try options(), addedTokens: [], source: source)
    definition.addedTokens = try addedTokens(vocabulary, definition.options)
    return definition
  }

  private var isGeneric: Bool { tokenizerClass == .generic }

  private func options() throws -> TokenizerOptions {
    let tokenizerFile = tokenizer.map { TokenizerFile($0, path: "\(path)/tokenizer.json") }
    try tokenizerFile?.checkIsBERT()
    var options = TokenizerOptions()
    if isGeneric, let tokenizerFile {
      options = try tokenizerFile.options()
    } else {
      let reader = configurationReader
      options.lowercases = try reader.bool("do_lower_case") ?? true
      options.stripsAccents = try reader.bool("strip_accents")
      options.separatesIdeographs = try reader.bool("tokenize_chinese_chars") ?? true
    }
    options.unknownToken = try specialToken("unk_token")?.content ?? options.unknownToken
    options.classToken = try specialToken("cls_token")?.content ?? options.classToken
    options.separatorToken = try specialToken("sep_token")?.content ?? options.separatorToken
    options.truncatesLeft = truncatesLeft
    return options
  }

  private static let bertRoles = [
    "unk_token", "sep_token", "pad_token", "cls_token", "mask_token",
  ]

  private func addedTokens(
    _ vocabulary: Vocabulary, _ options: TokenizerOptions
  ) throws -> [AddedToken] {
    var tokens = try declaredTokens().map(\.token)
    if isGeneric { return tokens }
    for role in roles(Self.bertRoles) {
      let standard = "[\(role.prefix { $0 != "_" }.uppercased())]"
      let token = try specialToken(role)
      // `transformers` would give a standard token that no file mentions an id beyond the
      // embedding of the model: it is left out.
      if let token = token ?? (vocabulary.id(of: standard) == nil ? nil : AddedToken(standard)),
        token.content != standard || vocabulary.id(of: standard) != nil
      {
        tokens.append(token)
      }
    }
    return tokens + (try extraTokens())
  }
}
