// A directory in the Hugging Face layout, read as `transformers` reads it.
//
// `BertTokenizerFast` (which `AutoTokenizer` gives for a BERT model) takes the pieces from
// tokenizer.json, and from vocab.txt only where that is missing; but lowercasing, accents and
// ideographs from tokenizer_config.json or its own defaults (uncased), whatever the normalizer in
// tokenizer.json says. Only where tokenizer_config.json names a generic class does tokenizer.json
// decide all of it. Special tokens are named by tokenizer_config.json and, where that does not
// list `added_tokens_decoder`, by special_tokens_map.json; added tokens come from
// `added_tokens_decoder`, else from added_tokens.json and tokenizer.json.

import Foundation
import Storage

/// The tokenizer files of one directory.
struct TokenizerDirectory {
  /// The files that a tokenizer may consist of.
  static let fileNames = [
    "tokenizer.json", "vocab.txt", "tokenizer_config.json", "special_tokens_map.json",
    "added_tokens.json",
  ]
  /// The classes of `transformers` that take everything from tokenizer.json.
  private static let genericClasses = ["PreTrainedTokenizerFast", "TokenizersBackend"]

  /// The classes that tokenize as `BertTokenizer` does.
  private static let wordPieceClasses = [
    "BertTokenizer", "ConvBertTokenizer", "DistilBertTokenizer", "ElectraTokenizer",
    "LayoutLMTokenizer", "LxmertTokenizer", "MobileBertTokenizer", "SqueezeBertTokenizer",
  ]

  let path: String
  /// Those of `fileNames` that exist.
  let files: [String]
  private let configuration: JSONValue
  private let specialTokensMap: JSONValue
  private let tokenizer: JSONValue?

  init(path: String) throws {
    self.path = path
    files = Self.fileNames.filter { FileManager.default.fileExists(atPath: "\(path)/\($0)") }
    configuration = try Self.object("tokenizer_config.json", in: path) ?? .object([:])
    tokenizer = try Self.object("tokenizer.json", in: path)
    specialTokensMap =
      configuration["added_tokens_decoder"] == nil
      ? try Self.object("special_tokens_map.json", in: path) ?? .object([:]) : .object([:])
    try checkClass()
  }

  /// Throws where the directory names a class with other rules. As `AutoTokenizer` does,
  /// config.json is asked where tokenizer_config.json names none.
  private func checkClass() throws {
    var (name, file) = (configuration["tokenizer_class"]?.string, "tokenizer_config.json")
    if name == nil, let model = try Self.object("config.json", in: path) {
      (name, file) = (model["tokenizer_class"]?.string, "config.json")
    }
    guard let name, !Self.genericClasses.contains(name) else { return }
    let plain = name.hasSuffix("Fast") ? String(name.dropLast(4)) : name
    guard Self.wordPieceClasses.contains(plain) else {
      throw TokenizerError.unsupported(
        path: "\(path)/\(file)", problem: "tokenizer_class is \(name)")
    }
  }

  /// The type of the model in tokenizer.json. Files of the first versions do not name it, and
  /// vocab.txt belongs to one type only: both are WordPiece.
  var modelType: String {
    tokenizer?["model"]?["type"]?.string ?? WordPieceTokenizer.modelType
  }

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

  private var isGeneric: Bool {
    tokenizer != nil
      && configuration["tokenizer_class"]?.string.map(Self.genericClasses.contains) ?? false
  }

  private func options() throws -> TokenizerOptions {
    let tokenizerFile = tokenizer.map { TokenizerFile($0, path: "\(path)/tokenizer.json") }
    try tokenizerFile?.checkIsBERT()
    var options = TokenizerOptions()
    if isGeneric, let tokenizerFile {
      options = try tokenizerFile.options()
    } else {
      let reader = SettingReader(object: configuration, path: "\(path)/tokenizer_config.json")
      options.lowercases = try reader.bool("do_lower_case") ?? true
      options.stripsAccents = try reader.bool("strip_accents")
      options.separatesIdeographs = try reader.bool("tokenize_chinese_chars") ?? true
    }
    options.unknownToken = try specialToken("unk_token")?.content ?? options.unknownToken
    options.classToken = try specialToken("cls_token")?.content ?? options.classToken
    options.separatorToken = try specialToken("sep_token")?.content ?? options.separatorToken
    let side =
      configuration["truncation_side"]?.string ?? tokenizer?["truncation"]?["direction"]?.string
    options.truncatesLeft = side?.lowercased() == "left"
    return options
  }

  /// A special token as tokenizer_config.json and special_tokens_map.json have it.
  private func specialToken(_ role: String) throws -> AddedToken? {
    let name = specialTokensMap[role] == nil ? "tokenizer_config.json" : "special_tokens_map.json"
    let reader = SettingReader(
      object: specialTokensMap[role] == nil ? configuration : specialTokensMap,
      path: "\(path)/\(name)")
    return try reader.addedToken(role)
  }

  private func addedTokens(
    _ vocabulary: Vocabulary, _ options: TokenizerOptions
  ) throws -> [AddedToken] {
    var declared: [(id: Int32, token: AddedToken)] = []
    if configuration["added_tokens_decoder"] != nil {
      declared = try SettingReader(object: configuration, path: "\(path)/tokenizer_config.json")
        .addedTokensByID("added_tokens_decoder")
    } else {
      declared = try addedTokensFile()
      if let tokenizer {
        declared += try TokenizerFile(tokenizer, path: "\(path)/tokenizer.json").addedTokens()
      }
    }
    var tokens = declared.sorted { $0.id < $1.id }.map(\.token)
    if isGeneric { return tokens }
    var roles = ["unk_token", "sep_token", "pad_token", "cls_token", "mask_token"]
    for object in [configuration, specialTokensMap] {
      roles += (object.object?.keys ?? []).filter { $0.hasSuffix("_token") && !roles.contains($0) }
    }
    for role in roles {
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
    for key in ["extra_special_tokens", "additional_special_tokens"] {
      for (object, name) in [
        (configuration, "tokenizer_config.json"), (specialTokensMap, "special_tokens_map.json"),
      ] {
        tokens += try SettingReader(object: object, path: "\(path)/\(name)").addedTokens(key)
      }
    }
    return tokens
  }

  /// The tokens of added_tokens.json: special ones as written, others in their clean form.
  private func addedTokensFile() throws -> [(id: Int32, token: AddedToken)] {
    guard let object = try Self.object("added_tokens.json", in: path) else { return [] }
    let roles = ["bos", "eos", "unk", "sep", "pad", "cls", "mask"]
    let special = try roles.compactMap { try specialToken("\($0)_token")?.content }
    return try (object.object ?? JSONObject()).map { content, value in
      guard let id = value.tokenID else {
        throw TokenizerError.malformed(
          path: "\(path)/added_tokens.json", problem: "the id of \(content) is not a number")
      }
      return (id, AddedToken(content, normalized: !special.contains(content)))
    }
  }

  /// The JSON object in a file of the directory, or nil where there is no such file.
  private static func object(_ name: String, in path: String) throws -> JSONValue? {
    let file = "\(path)/\(name)"
    guard FileManager.default.fileExists(atPath: file) else { return nil }
    return try readObject(file)
  }
}
