// The model of a tokenizer, before it is known which of the tokens are special.

import Storage

/// Pieces, and how words are made of them.
struct ModelDefinition {
  /// The names in tokenizer.json.
  enum Kind: String {
    case wordLevel = "WordLevel"
    case wordPiece = "WordPiece"
    case bpe = "BPE"
    case unigram = "Unigram"
  }

  var kind: Kind
  var vocabulary: Vocabulary
  /// The log probability of each piece of a `unigram`, by id.
  var scores: [Double] = []
  /// What a `bpe` merges, in the order in which it was learnt.
  var merges: [BPEModel.Merge] = []
  /// `unk_token`, by name.
  var unknownToken: String?
  /// `unk_id`.
  var unknownID: Int32?
  /// A word of more characters is unknown to a `wordPiece`.
  var maximumCharacters = 100
  /// The prefix of continuations of a `wordPiece`.
  var prefix = Array("##".utf8)
  /// Of a `bpe`; a `unigram` has `fallsBackToBytes`, too.
  var options = BPEOptions()
}

extension ModelDefinition {
  /// The `model` of a tokenizer.json. Throws `TokenizerError`.
  init(_ json: JSONValue, path: String) throws {
    let reader = SettingReader(object: json, path: path)
    guard let kind = try Self.kind(json, path: path) else {
      throw TokenizerError.unsupported(
        path: path, problem: "the model is \(json["type"]?.string ?? "missing")")
    }
    self.kind = kind
    guard json["vocab"] != nil else {
      throw TokenizerError.malformed(path: path, problem: "has no vocabulary (model.vocab)")
    }
    if kind == .unigram {
      (vocabulary, scores) = try Self.scoredPieces(json["vocab"]?.array ?? [], path: path)
    } else {
      vocabulary = try Vocabulary(json["vocab"]?.object, path: path)
    }
    unknownToken = json["unk_token"]?.string
    unknownID = json["unk_id"]?.tokenID
    if let limit = json["max_input_chars_per_word"]?.integer { maximumCharacters = limit }
    let prefix = json["continuing_subword_prefix"]?.string.map { Array($0.utf8) }
    if kind == .wordPiece { self.prefix = prefix ?? self.prefix }
    options.fallsBackToBytes = try reader.bool("byte_fallback") ?? false
    guard kind == .bpe else { return }
    options.continuationPrefix = prefix ?? []
    options.wordSuffix = json["end_of_word_suffix"]?.string.map { Array($0.utf8) } ?? []
    options.fusesUnknown = try reader.bool("fuse_unk") ?? false
    options.ignoresMerges = try reader.bool("ignore_merges") ?? false
    if let dropout = json["dropout"]?.number, dropout != 0 {
      throw TokenizerError.unsupported(path: path, problem: "the model has a dropout")
    }
    try setMerges(try Self.pairs(json["merges"]?.array, path: path), path: path)
  }

  /// The kind of model. Files of the first versions do not name it.
  private static func kind(_ json: JSONValue, path: String) throws -> Kind? {
    if let type = json["type"] { return type.string.flatMap(Kind.init) }
    if json["merges"] != nil { return .bpe }
    if json["vocab"]?.array != nil { return .unigram }
    return json["continuing_subword_prefix"] != nil ? .wordPiece : .wordLevel
  }

  private static func scoredPieces(
    _ elements: [JSONValue], path: String
  ) throws -> (Vocabulary, [Double]) {
    var scores: [Double] = []
    scores.reserveCapacity(elements.count)
    let pieces = try elements.enumerated().map { id, element in
      guard let pair = element.array, pair.count == 2, let name = pair[0].string,
        let score = pair[1].number, !score.isNaN
      else {
        throw TokenizerError.malformed(
          path: path, problem: "model.vocab: entry \(id) is not a piece and its score")
      }
      scores.append(score)
      return Piece(bytes: Array(name.utf8), id: Int32(id))
    }
    return (Vocabulary(pieces: pieces), scores)
  }

  /// Pairs written as "a b" or as ["a", "b"].
  private static func pairs(
    _ elements: [JSONValue]?, path: String
  ) throws -> [(left: [UInt8], right: [UInt8])] {
    guard let elements else {
      throw TokenizerError.malformed(path: path, problem: "has no merges (model.merges)")
    }
    return try elements.enumerated().compactMap { number, element in
      if let pair = element.array, pair.count == 2, let left = pair[0].string,
        let right = pair[1].string
      {
        return (Array(left.utf8), Array(right.utf8))
      }
      guard let line = element.string else {
        throw TokenizerError.malformed(
          path: path, problem: "model.merges: entry \(number) is not a pair")
      }
      return try pair(Array(line.utf8), number, path: path)
    }
  }

  /// A line of merges.txt, which is a pair with a space between; nil for a comment.
  static func pair(
    _ line: [UInt8], _ number: Int, path: String
  ) throws -> (left: [UInt8], right: [UInt8])? {
    if line.starts(with: "#version".utf8) { return nil }
    let parts = line.split(separator: 0x20, omittingEmptySubsequences: false)
    guard parts.count == 2 else {
      throw TokenizerError.malformed(path: path, problem: "merge \(number) is not a pair")
    }
    return (Array(parts[0]), Array(parts[1]))
  }

  /// Finds the ids of what is merged and of what comes of it.
  mutating func setMerges(
    _ pairs: [(left: [UInt8], right: [UInt8])], path: String
  ) throws {
    let prefix = options.continuationPrefix.count
    merges = try pairs.enumerated().map { number, pair in
      let joined = pair.left + pair.right.dropFirst(prefix)
      guard let left = vocabulary.id(of: pair.left), let right = vocabulary.id(of: pair.right),
        let result = vocabulary.id(of: joined)
      else {
        let name = String(decoding: joined, as: UTF8.self)
        throw TokenizerError.malformed(
          path: path,
          problem: "merge \(number), which gives \"\(name)\", has pieces that the "
            + "vocabulary lacks")
      }
      return BPEModel.Merge(left: left, right: right, result: result)
    }
  }
}

extension Vocabulary {
  /// The pieces of an object whose values are ids.
  init(_ members: JSONObject?, path: String) throws {
    guard let members, !members.isEmpty else {
      throw TokenizerError.malformed(path: path, problem: "has no vocabulary (model.vocab)")
    }
    self.init(
      pieces: try members.map { name, value in
        guard let id = value.tokenID, id >= 0 else {
          throw TokenizerError.malformed(
            path: path, problem: "model.vocab: the id of \"\(name)\" is not a token id")
        }
        return Piece(bytes: Array(name.utf8), id: id)
      })
  }
}
