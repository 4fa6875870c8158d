// The tokenizer that a directory describes in parts.

import Storage

extension TokenizerDirectory {
  /// Throws `TokenizerError`.
  func pipelineDefinition() throws -> PipelineDefinition {
    var definition: PipelineDefinition
    if case .named(let name) = tokenizerClass, let rules = ClassRules.all[name] {
      definition = try self.definition(rules)
    } else if let tokenizer {
      definition = try genericDefinition(tokenizer)
    } else {
      throw TokenizerError.missingFile(directory: path, names: ["tokenizer.json"])
    }
    definition.truncatesLeft = truncatesLeft
    return definition
  }

  /// All that tokenizer.json says.
  private func genericDefinition(_ tokenizer: JSONValue) throws -> PipelineDefinition {
    let path = "\(path)/tokenizer.json"
    var definition = PipelineDefinition(
      normalizers: try NormalizationStep.steps(tokenizer["normalizer"] ?? .null, path: path),
      preTokenizers: try PreTokenizer.list(tokenizer["pre_tokenizer"] ?? .null, path: path),
      model: try ModelDefinition(tokenizer["model"] ?? .null, path: path), source: path)
    definition.frame = try RowFrame(tokenizer["post_processor"] ?? .null, path: path)
    definition.addedTokens = try numbered(
      try Self.addedTokens(tokenizer, path: path).map(\.token) + addedTokens([:], definition.model),
      definition.model)
    return definition
  }

  /// The vocabulary of the files, and what the class makes of it.
  private func definition(_ rules: ClassRules) throws -> PipelineDefinition {
    let vocabulary = try vocabularySource(rules)
    let (configuration, path) = (configurationReader, vocabulary.path)
    var model = vocabulary.model
    let roles = try rules.roles.merging(configuredRoles()) { $1 }
    try model.apply(rules, unknown: roles["unk_token"]?.content, path: path)
    var definition = PipelineDefinition(
      normalizers: try NormalizationStep.steps(
        rules.normalizer(vocabulary.charsmap, configuration), path: path),
      preTokenizers: try PreTokenizer.list(rules.preTokenizer(configuration), path: path),
      model: model, source: path)
    let extra = rules.extraTokens.filter { model.vocabulary.id(of: $0) != nil }
    definition.addedTokens = try numbered(
      addedTokens(rules.roles, model) + extra.map { AddedToken($0) } + vocabulary.addedTokens, model
    )
    definition.frame = try frame(rules, roles, definition)
    return definition
  }

  /// The special tokens around a row.
  private func frame(
    _ rules: ClassRules, _ roles: [String: AddedToken], _ definition: PipelineDefinition
  ) throws -> RowFrame {
    func tokens(_ names: [String]) throws -> [RowFrame.Token] {
      try names.map { try definition.token("\($0)_token", roles) }
    }
    let reader = configurationReader
    let (begins, ends) = (try reader.bool("add_bos_token"), try reader.bool("add_eos_token"))
    // Where there is a tokenizer.json these keys count for nothing.
    if tokenizer == nil, begins != nil || ends != nil {
      return RowFrame(
        before: try tokens(begins == true && roles["bos_token"] != nil ? ["bos"] : []),
        after: try tokens(ends == true && roles["eos_token"] != nil ? ["eos"] : []))
    }
    if let frame = rules.frame {
      return RowFrame(before: try tokens(frame.before), after: try tokens(frame.after))
    }
    return try RowFrame(tokenizer?["post_processor"] ?? .null, path: definition.source)
  }

  /// The special tokens that the files name, by the keys of their roles.
  func configuredRoles() throws -> [String: AddedToken] {
    let declared = Dictionary(
      try declaredTokens().map { ($0.token.content, $0.token) }, uniquingKeysWith: { $1 })
    var tokens: [String: AddedToken] = [:]
    for role in roles(Self.pipelineRoles) {
      guard let token = try specialToken(role) else { continue }
      tokens[role] = declared[token.content] ?? token
    }
    return tokens
  }

  private static let pipelineRoles = [
    "bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token",
  ]

  /// The added tokens, in the order in which they get ids. A token of the class that no file
  /// mentions would get an id beyond the embedding of the model: it is left out.
  private func addedTokens(
    _ defaults: [String: AddedToken], _ model: ModelDefinition
  ) throws -> [AddedToken] {
    var tokens = try declaredTokens().map(\.token)
    let configured = try configuredRoles()
    for role in roles(Self.pipelineRoles) {
      if let token = configured[role] {
        tokens.append(token)
      } else if let token = defaults[role], model.vocabulary.id(of: token.content) != nil {
        tokens.append(token)
      }
    }
    return tokens + (try extraTokens())
  }

  /// Gives ids to added tokens. One that the vocabulary lacks gets the id after the number of
  /// pieces, or after the highest added one; of two equal ones the flags of the later count.
  private func numbered(
    _ tokens: [AddedToken], _ model: ModelDefinition
  ) throws -> [(token: AddedToken, id: Int32)] {
    var numbered: [(token: AddedToken, id: Int32)] = []
    var places: [[UInt8]: Int] = [:]
    var highest: Int32 = -1
    for token in tokens where !token.content.isEmpty {
      let content = Array(token.content.utf8)
      if let place = places[content] {
        numbered[place].token = token
        continue
      }
      let next = max(Int32(model.vocabulary.count), highest + 1)
      let id = model.vocabulary.id(of: content) ?? next
      places[content] = numbered.count
      numbered.append((token, id))
      highest = max(highest, id)
    }
    return numbered
  }
}

extension PipelineDefinition {
  /// The token of a role. Throws `TokenizerError` where the vocabulary lacks it.
  fileprivate func token(
    _ role: String, _ roles: [String: AddedToken]
  ) throws -> RowFrame.Token {
    let name = roles[role]?.content ?? ""
    guard
      let id = addedTokens.first(where: { $0.token.content == name })?.id
        ?? model.vocabulary.id(of: name)
    else {
      throw TokenizerError.missingSpecialToken(
        token: name, role: role.replacing("_", with: " "), source: source)
    }
    return RowFrame.Token(name: name, id: id)
  }
}

extension ModelDefinition {
  /// Takes over what the class says of the model, whatever the file says.
  fileprivate mutating func apply(
    _ rules: ClassRules, unknown: String?, path: String
  ) throws {
    unknownToken = nil
    switch rules.unknown {
    case .none: break
    case .token: unknownToken = unknown
    case .id(let id): unknownID = id
    case .named(let isFree, let otherwise):
      let id = vocabulary.pieces.first { piece in
        piece.bytes.elementsEqual((unknown ?? "").utf8)
          && (!isFree || scores[Int(piece.id)] == 0)
      }?.id
      unknownID = id ?? otherwise
    }
    let isUnigram: Bool
    switch rules.unknown {
    case .id, .named: isUnigram = true
    default: isUnigram = false
    }
    guard isUnigram == (kind == .unigram), kind != .wordLevel else {
      throw TokenizerError.unsupported(
        path: path, problem: "the model is \(kind.rawValue), which its tokenizer_class cannot be")
    }
    guard kind == .bpe || kind == .unigram else { return }
    options.fallsBackToBytes = rules.fallsBackToBytes
    options.fusesUnknown = rules.fallsBackToBytes
    options.ignoresMerges = false
    options.continuationPrefix = []
    options.wordSuffix = rules.wordSuffix.map { Array($0.utf8) } ?? []
  }
}
