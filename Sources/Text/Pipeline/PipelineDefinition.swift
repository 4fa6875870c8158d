// What a tokenizer of several parts is made from, whatever files say it.

/// A tokenizer's parts, in the order in which a text goes through them.
struct PipelineDefinition {
  var normalizers: [NormalizationStep] = []
  var preTokenizers: [PreTokenizer] = []
  var model: ModelDefinition
  var frame = RowFrame()
  /// With their ids.
  var addedTokens: [(token: AddedToken, id: Int32)] = []
  /// Whether a text that is too long loses its beginning.
  var truncatesLeft = false
  /// Where the vocabulary came from, for messages.
  var source: String

  /// A hash of everything that token ids depend on.
  func fingerprint() -> String {
    var hash = FNV1a()
    func mix(_ bytes: some Sequence<UInt8>) {
      hash.mix(bytes)
      hash.mix(0xFF)  // No UTF-8 holds this byte: it ends a field.
    }
    mix("pipeline rules 1".utf8)
    for piece in model.vocabulary.pieces {
      mix(piece.bytes)
      mix("\(piece.id)".utf8)
    }
    for score in model.scores { mix("\(score)".utf8) }
    for merge in model.merges { mix("\(merge.left) \(merge.right)".utf8) }
    let unknown = "\(model.unknownToken ?? "") \(model.unknownID ?? -1)"
    mix("\(model.kind) \(unknown) \(model.maximumCharacters) \(model.prefix)".utf8)
    mix("\(model.options)".utf8)
    mix("\(normalizers) \(preTokenizers) \(frame) \(truncatesLeft)".utf8)
    for (token, id) in addedTokens { mix("\(token) \(id)".utf8) }
    return hash.hexadecimal
  }
}
