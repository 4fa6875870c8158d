// The shape of an encoder with BERT's layers, as `config.json` of a Hugging Face directory
// states it.

import Kernels
import Storage

/// Sizes and constants of a `BertModel`, or of another family's with its layers.
public struct BertConfiguration: EncoderConfiguration, Equatable {
  /// What tells the family from BERT.
  let family: BertFamily
  /// V, entries of the vocabulary.
  public var vocabularySize: Int
  /// H, the hidden size.
  public var hiddenSize: Int
  /// Number of layers.
  public var layerCount: Int
  /// A, heads of attention; divides the hidden size.
  public var headCount: Int
  /// I, the size between the two dense parts of a layer.
  public var intermediateSize: Int
  /// E, the size of embeddings, where it is not that of the layers: a dense layer lies between.
  public var projectedSize: Int?
  /// Rows of the table of positions.
  public var positionCount: Int
  /// Token types with an embedding; 0 in families without.
  public var typeCount: Int
  /// Rows of the table of what distances add to scores; 0 in families without.
  public var relativeBuckets: Int
  /// The number of the padding token.
  public var padToken: Int
  /// What follows a layer's first dense part, by its name in `config.json`.
  public var activationName: String
  /// The same as kernels know it.
  public var activation: Activation
  /// ε of every LayerNorm.
  public var layerNormEpsilon: Float
  /// Standard deviation of new weights.
  public var initializerRange: Double
  /// Dropout of hidden states.
  public var hiddenDropout: Double
  /// Dropout of attention probabilities.
  public var attentionDropout: Double
  /// Dropout before the classifier; nil stands for that of hidden states.
  public var classifierDropout: Double?

  /// Size of one head.
  public var headSize: Int { hiddenSize / headCount }
  /// E, the size of embeddings.
  public var embeddingSize: Int { projectedSize ?? hiddenSize }
  /// The padding token behind whose number positions begin; nil if they begin at 0.
  var positionPadding: Int? {
    switch family.positions {
    case .fromZero: nil
    case .afterPadding: padToken
    case .after(let padding): padding
    }
  }
  /// Tokens of the longest row that has position embeddings.
  public var maximumPositions: Int { positionCount - (positionPadding.map { $0 + 1 } ?? 0) }

  package var modelType: String { family.type }
  package var className: String { family.className }
  package var tensorPrefix: String { family.tensorPrefix }
  package var ownHead: OwnHead { family.head }

  package func makeEncoder(
    _ layout: ParameterLayout, _ store: ParameterStore, _ use: EncoderUse
  ) -> any Encoder {
    BertEncoder(self, layout, store, use)
  }
}

extension BertConfiguration {
  /// Reads the keys of a family's `config.json`. Keys with a default in Hugging Face may be
  /// missing.
  /// - Parameter path: the file, for messages. Throws `ModelError`.
  init(_ json: JSONValue, _ family: BertFamily, path: String) throws(ModelError) {
    let reader = ConfigurationReader(json: json, path: path)
    let (keys, defaults) = (family.keys, family.defaults)
    try reader.refuseForeignForms()
    try Self.checkPositions(reader, keys)
    self.family = family
    (activationName, activation) = try reader.activation(keys.activation)
    vocabularySize = try reader.size(
      "vocab_size", default: defaults.vocabularySize, atMost: 16_777_216)
    hiddenSize = try reader.size(keys.hiddenSize, default: defaults.hiddenSize)
    layerCount = try reader.size(keys.layerCount, default: defaults.layerCount, atMost: 1_024)
    headCount = try reader.size(keys.headCount, default: defaults.headCount)
    intermediateSize = try reader.size(
      keys.intermediateSize, default: defaults.intermediateSize, atMost: 1_048_576)
    positionCount = try reader.size("max_position_embeddings", default: 512, atMost: 1_048_576)
    typeCount = family.hasTokenTypes ? try reader.size("type_vocab_size", default: 2) : 0
    relativeBuckets =
      family.hasRelativeBias ? try reader.size("relative_attention_num_buckets", default: 32) : 0
    padToken = try reader.whole("pad_token_id", in: 0...16_777_215, default: defaults.padToken)
    layerNormEpsilon = Float(
      try keys.epsilon.map { key throws(ModelError) in
        try reader.number(key, in: 0...1, default: 1e-12)
      } ?? 1e-12)
    initializerRange = try reader.number("initializer_range", in: 0...100, default: 0.02)
    hiddenDropout = try reader.dropout(keys.hiddenDropout, default: 0.1)
    attentionDropout = try reader.dropout(keys.attentionDropout, default: 0.1)
    classifierDropout = defaults.classifierDropout
    if let key = keys.classifierDropout {
      classifierDropout =
        try reader.optionalNumber(key, in: 0...0.999) ?? defaults.classifierDropout
    }
    if family.mayProject {
      let size = try reader.size("embedding_size", default: defaults.embeddingSize)
      projectedSize = size == hiddenSize ? nil : size
    }
    try check(path: path)
  }

  /// Throws where positions are not rows of a trained table.
  private static func checkPositions(
    _ reader: ConfigurationReader, _ keys: BertFamily.Keys
  ) throws(ModelError) {
    if let key = keys.positionType { try reader.require(key, ["absolute"], default: "absolute") }
    guard try reader.flag("sinusoidal_pos_embds", default: false) else { return }
    throw .unsupported(
      path: reader.path,
      "sinusoidal_pos_embds is true, positions that stay as they are: only trained ones are done")
  }

  /// Throws where sizes do not fit each other.
  private func check(path: String) throws(ModelError) {
    guard hiddenSize % headCount == 0 else {
      let keys = family.keys
      throw .unsupported(
        path: path,
        "\(keys.hiddenSize) \(hiddenSize) is no multiple of \(keys.headCount) \(headCount)")
    }
    guard maximumPositions >= 3 else {
      throw .unsupported(
        path: path,
        "max_position_embeddings \(positionCount) leaves no positions for a row: they begin behind "
          + "the padding token's number, \(positionPadding ?? 0)")
    }
    guard !family.hasRelativeBias || relativeBuckets >= RelativePositions.bucketCount else {
      throw .unsupported(
        path: path,
        "relative_attention_num_buckets \(relativeBuckets): distances have "
          + "\(RelativePositions.bucketCount) buckets, and each needs a row of the table")
    }
  }

  /// The keys of a Hugging Face `config.json` that these values fill.
  public var json: JSONObject {
    let keys = family.keys
    var json: JSONObject = [
      "model_type": .string(family.type),
      "vocab_size": .integer(vocabularySize),
    ]
    if family.mayProject { json["embedding_size"] = .integer(embeddingSize) }
    json[keys.hiddenSize] = .integer(hiddenSize)
    json[keys.layerCount] = .integer(layerCount)
    json[keys.headCount] = .integer(headCount)
    json[keys.intermediateSize] = .integer(intermediateSize)
    json["max_position_embeddings"] = .integer(positionCount)
    if family.hasTokenTypes { json["type_vocab_size"] = .integer(typeCount) }
    if let key = keys.epsilon {
      json[key] = .double(Double("\(layerNormEpsilon)") ?? Double(layerNormEpsilon))
    }
    json["initializer_range"] = .double(initializerRange)
    json[keys.activation] = .string(activationName)
    json[keys.hiddenDropout] = .double(hiddenDropout)
    json[keys.attentionDropout] = .double(attentionDropout)
    if let key = keys.classifierDropout {
      json[key] = classifierDropout.map { .double($0) } ?? .null
    }
    if let key = keys.positionType { json[key] = "absolute" }
    json["pad_token_id"] = .integer(padToken)
    if family.hasRelativeBias {
      json["relative_attention_num_buckets"] = .integer(relativeBuckets)
    }
    return json
  }
}
