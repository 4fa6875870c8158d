// WordPiece tokenizers in files: reading them in the Hugging Face layout, and the files to save
// with a model.

extension WordPieceTokenizer {
  /// The tokenizer of a directory in the Hugging Face layout, with the token ids that
  /// `AutoTokenizer.from_pretrained` gives there. Pieces come from tokenizer.json, or from
  /// vocab.txt if that is missing; options from tokenizer_config.json. Throws `TokenizerError`.
  public init(directory: String) throws {
    try self.init(TokenizerDirectory(path: directory))
  }

  /// The tokenizer of files that have been read. Throws `TokenizerError`.
  init(_ directory: TokenizerDirectory) throws {
    try self.init(directory.definition(), directory: directory.path, files: directory.files)
  }

  /// A tokenizer from a vocabulary alone: one piece a line. Throws `TokenizerError`.
  public init(vocabularyFile path: String, options: TokenizerOptions = TokenizerOptions()) throws {
    let vocabulary = try Vocabulary(contentsOf: path)
    let special = [options.unknownToken, options.classToken, options.separatorToken]
    let added = (special + ["[PAD]", "[MASK]"]).filter { vocabulary.id(of: $0) != nil }
    try self.init(
      TokenizerDefinition(
        vocabulary: vocabulary, options: options, addedTokens: added.map { AddedToken($0) },
        source: path))
  }

  /// The content of `files`, as it is in the directory now.
  public func fileContents() throws -> [TokenizerFileContent] {
    guard let directory else { return generatedFiles }
    return try files.map {
      TokenizerFileContent(name: $0, bytes: try readBytes("\(directory)/\($0)"))
    }
  }
}

extension TokenizerDefinition {
  /// A vocab.txt and a tokenizer_config.json that say what this definition says.
  func files() -> [TokenizerFileContent] {
    var lines: [UInt8] = []
    for piece in vocabulary.pieces { lines += piece.bytes + [0x0A] }
    return [
      TokenizerFileContent(name: "vocab.txt", bytes: lines),
      TokenizerFileContent(name: "tokenizer_config.json", bytes: Array(configuration.utf8)),
    ]
  }

  private var configuration: String {
    let tokens = numberedTokens().sorted { $0.id < $1.id }.map { token, id in
      """
          "\(id)": {"content": \(quoted(token.content)), "single_word": \(token.singleWord), \
      "lstrip": \(token.stripsLeft), "rstrip": \(token.stripsRight), \
      "normalized": \(token.normalized), "special": \(!token.normalized)}
      """
    }
    return """
      {
        "tokenizer_class": "BertTokenizer",
        "do_lower_case": \(options.lowercases),
        "strip_accents": \(options.stripsAccents.map { "\($0)" } ?? "null"),
        "tokenize_chinese_chars": \(options.separatesIdeographs),
        "truncation_side": "\(options.truncatesLeft ? "left" : "right")",
        "unk_token": \(quoted(options.unknownToken)),
        "cls_token": \(quoted(options.classToken)),
        "sep_token": \(quoted(options.separatorToken)),
        "added_tokens_decoder": {
      \(tokens.joined(separator: ",\n"))
        }
      }

      """
  }

  private func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\\(scalar)"
      case "\u{0}"..<" ":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
