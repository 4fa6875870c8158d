// A directory in the Hugging Face layout, read as `transformers` reads it.
//
// Special tokens are named by tokenizer_config.json and, where that does not list
// `added_tokens_decoder`, by special_tokens_map.json; added tokens come from
// `added_tokens_decoder`, else from added_tokens.json and tokenizer.json.

import Foundation
import Storage

/// The tokenizer files of one directory.
struct TokenizerDirectory {
  /// The files that a tokenizer may consist of.
  static let fileNames = [
    "tokenizer.json", "vocab.txt", "vocab.json", "merges.txt", "sentencepiece.bpe.model",
    "spiece.model", "spm.model", "sentencepiece.model", "tokenizer.model", "tokenizer_config.json",
    "special_tokens_map.json", "added_tokens.json",
  ]

  let path: String
  /// Those of `fileNames` that exist.
  let files: [String]
  let configuration: JSONValue
  let specialTokensMap: JSONValue
  /// The content of tokenizer.json; nil where there is no such file.
  let tokenizer: JSONValue?
  /// Which rules are followed.
  let tokenizerClass: TokenizerClass

  init(path: String) throws {
    self.path = path
    files = Self.fileNames.filter { FileManager.default.fileExists(atPath: "\(path)/\($0)") }
    configuration = try Self.object("tokenizer_config.json", in: path) ?? .object([:])
    tokenizer = try Self.object("tokenizer.json", in: path)
    specialTokensMap =
      configuration["added_tokens_decoder"] == nil
      ? try Self.object("special_tokens_map.json", in: path) ?? .object([:]) : .object([:])
    tokenizerClass = try TokenizerClass.of(
      configuration, model: try Self.object("config.json", in: path), tokenizer: tokenizer,
      path: path)
  }

  /// tokenizer_config.json, for settings.
  var configurationReader: SettingReader {
    SettingReader(object: configuration, path: "\(path)/tokenizer_config.json")
  }

  /// Whether a text that is too long loses its beginning.
  var truncatesLeft: Bool {
    let side =
      configuration["truncation_side"]?.string ?? tokenizer?["truncation"]?["direction"]?.string
    return side?.lowercased() == "left"
  }

  /// A special token as tokenizer_config.json and special_tokens_map.json have it.
  func specialToken(_ role: String) throws -> AddedToken? {
    let name = specialTokensMap[role] == nil ? "tokenizer_config.json" : "special_tokens_map.json"
    let reader = SettingReader(
      object: specialTokensMap[role] == nil ? configuration : specialTokensMap,
      path: "\(path)/\(name)")
    return try reader.addedToken(role)
  }

  /// The tokens that the files list with their ids, in the order of these.
  func declaredTokens() throws -> [(id: Int32, token: AddedToken)] {
    var declared: [(id: Int32, token: AddedToken)] = []
    if configuration["added_tokens_decoder"] != nil {
      declared = try configurationReader.addedTokensByID("added_tokens_decoder")
    } else {
      declared = try addedTokensFile()
      if let tokenizer {
        declared += try Self.addedTokens(tokenizer, path: "\(path)/tokenizer.json")
      }
    }
    return declared.sorted { $0.id < $1.id }
  }

  /// The keys of special tokens: some that are known, then those that the files have besides.
  func roles(_ known: [String]) -> [String] {
    var roles = known
    for object in [configuration, specialTokensMap] {
      // `add_bos_token` and its like are no tokens.
      let tokens = (object.object ?? JSONObject()).filter { key, value in
        key.hasSuffix("_token") && (value.string != nil || value.object != nil)
      }
      roles += tokens.map(\.0).filter { !roles.contains($0) }
    }
    return roles
  }

  /// Special tokens without a role.
  func extraTokens() throws -> [AddedToken] {
    var tokens: [AddedToken] = []
    for key in ["extra_special_tokens", "additional_special_tokens"] {
      for (object, name) in [
        (configuration, "tokenizer_config.json"), (specialTokensMap, "special_tokens_map.json"),
      ] {
        tokens += try SettingReader(object: object, path: "\(path)/\(name)").addedTokens(key)
      }
    }
    return tokens
  }

  /// The `added_tokens` of a tokenizer.json.
  static func addedTokens(
    _ tokenizer: JSONValue, path: String
  ) throws -> [(id: Int32, token: AddedToken)] {
    let reader = SettingReader(object: tokenizer, path: path)
    return try (tokenizer["added_tokens"]?.array ?? []).map { element in
      guard let id = element["id"]?.tokenID else {
        throw TokenizerError.malformed(path: path, problem: "added_tokens: a token has no id")
      }
      return (id, try reader.token(element, "added_tokens"))
    }
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
  static func object(_ name: String, in path: String) throws -> JSONValue? {
    let file = "\(path)/\(name)"
    guard FileManager.default.fileExists(atPath: file) else { return nil }
    return try readObject(file)
  }
}
