/// Words to token ids, by any of the models.
enum PipelineModel: Sendable {
  case wordLevel(WordLevelModel)
  case wordPiece(WordPieceModel)
  case bpe(BPEModel)
  case unigram(UnigramModel)

  /// Throws `TokenizerError` where a token that the model needs is missing.
  init(_ definition: ModelDefinition, source: String) throws {
    let vocabulary = definition.vocabulary
    func unknown() throws -> Int32 {
      let name = definition.unknownToken ?? "[UNK]"
      guard let id = vocabulary.id(of: name) else {
        throw TokenizerError.missingSpecialToken(token: name, role: "unk token", source: source)
      }
      return id
    }
    switch definition.kind {
    case .wordLevel: self = .wordLevel(WordLevelModel(vocabulary, unknownID: try unknown()))
    case .wordPiece:
      self = .wordPiece(
        WordPieceModel(
          vocabulary, prefix: definition.prefix, unknownID: try unknown(),
          maximumCharacters: definition.maximumCharacters))
    case .bpe:
      var options = definition.options
      options.unknownID = try definition.unknownToken.map { _ in try unknown() }
      self = .bpe(
        BPEModel(
          pieces: definition.pieceTable, merges: definition.merges, options: options))
    case .unigram:
      guard let id = definition.unknownID, Int(id) < definition.scores.count, id >= 0 else {
        throw TokenizerError.malformed(
          path: source, problem: "the model has no unk_id among its pieces")
      }
      let pieces = zip(vocabulary.pieces, definition.scores).map {
        ScoredPiece(bytes: $0.bytes, score: $1)
      }
      self = .unigram(
        UnigramModel(
          pieces, unknownID: id, fallsBackToBytes: definition.options.fallsBackToBytes))
    }
  }

  /// Room for the search.
  struct Scratch: Sendable {
    fileprivate var lattice = UnigramModel.Lattice()
    fileprivate var bpe = BPEModel.Scratch()
    fileprivate var cache = WordCache()
  }

  /// Appends the ids of a word.
  @inline(__always)
  func append(
    _ text: Span<UInt8>, _ word: Range<Int>, to ids: inout [Int32], _ scratch: inout Scratch
  ) {
    switch self {
    case .wordLevel(let model): model.append(text, word, to: &ids)
    case .wordPiece(let model): model.append(text, word.lowerBound, word.upperBound, to: &ids)
    case .bpe(let model):
      if scratch.cache.append(text, word, to: &ids) { return }
      let start = ids.count
      model.append(text, word, to: &ids, &scratch.bpe)
      scratch.cache.insert(text, word, ids, from: start)
    case .unigram(let model):
      if scratch.cache.append(text, word, to: &ids) { return }
      let start = ids.count
      model.append(text, word, to: &ids, &scratch.lattice)
      scratch.cache.insert(text, word, ids, from: start)
    }
  }
}

extension ModelDefinition {
  /// The pieces as the model finds them: as bytes, where it reads those.
  fileprivate var pieceTable: PieceTable {
    PieceTable(
      vocabulary.pieces.compactMap { piece in
        guard options.readsBytes else { return (piece.bytes[...], piece.id) }
        return ByteAlphabet.bytes(of: piece.bytes).map { ($0[...], piece.id) }
      })
  }
}
