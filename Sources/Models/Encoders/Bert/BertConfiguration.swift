// The shape of a BERT encoder, as `config.json` of a Hugging Face directory states it.

import Storage

/// Sizes and constants of a `BertModel`.
public struct BertConfiguration: EncoderConfiguration, Equatable {
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
  /// Longest row that has position embeddings.
  public var maximumPositions: Int
  /// Token types with an embedding.
  public var typeCount: Int
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

  package func makeEncoder(
    _ layout: ParameterLayout, _ store: ParameterStore, _ use: EncoderUse
  ) -> any Encoder {
    BertEncoder(self, layout, store, use)
  }
}

extension BertConfiguration {
  /// Reads the keys of a BERT `config.json`. Keys with a default in Hugging Face may be missing.
  /// - Parameter path: the file, for messages. Throws `ModelError`.
  public init(_ json: JSONValue, path: String) throws(ModelError) {
    let reader = ConfigurationReader(json: json, path: path)
    try reader.require("hidden_act", ["gelu"], default: "gelu")
    try reader.require("position_embedding_type", ["absolute"], default: "absolute")
    vocabularySize = try reader.size("vocab_size", default: 30_522, atMost: 16_777_216)
    hiddenSize = try reader.size("hidden_size", default: 768)
    layerCount = try reader.size("num_hidden_layers", default: 12, atMost: 1_024)
    headCount = try reader.size("num_attention_heads", default: 12)
    intermediateSize = try reader.size("intermediate_size", default: 3_072, atMost: 1_048_576)
    maximumPositions = try reader.size("max_position_embeddings", default: 512, atMost: 1_048_576)
    typeCount = try reader.size("type_vocab_size", default: 2)
    layerNormEpsilon = Float(try reader.number("layer_norm_eps", in: 0...1, default: 1e-12))
    initializerRange = try reader.number("initializer_range", in: 0...100, default: 0.02)
    hiddenDropout = try reader.number("hidden_dropout_prob", in: 0...0.999, default: 0.1)
    attentionDropout = try reader.number(
      "attention_probs_dropout_prob", in: 0...0.999, default: 0.1)
    classifierDropout = try reader.optionalNumber("classifier_dropout", in: 0...0.999)
    guard hiddenSize % headCount == 0 else {
      throw .unsupported(
        path: path, "hidden_size \(hiddenSize) is no multiple of num_attention_heads \(headCount)")
    }
  }

  /// The keys of a Hugging Face `config.json` that these values fill.
  public var json: JSONObject {
    [
      "model_type": "bert",
      "vocab_size": .integer(vocabularySize),
      "hidden_size": .integer(hiddenSize),
      "num_hidden_layers": .integer(layerCount),
      "num_attention_heads": .integer(headCount),
      "intermediate_size": .integer(intermediateSize),
      "max_position_embeddings": .integer(maximumPositions),
      "type_vocab_size": .integer(typeCount),
      "layer_norm_eps": .double(Double("\(layerNormEpsilon)") ?? Double(layerNormEpsilon)),
      "initializer_range": .double(initializerRange),
      "hidden_act": "gelu",
      "hidden_dropout_prob": .double(hiddenDropout),
      "attention_probs_dropout_prob": .double(attentionDropout),
      "classifier_dropout": classifierDropout.map { .double($0) } ?? .null,
      "position_embedding_type": "absolute",
      "pad_token_id": 0,
    ]
  }
}

/// Typed look-ups in a model's `config.json`.
private struct ConfigurationReader {
  let json: JSONValue
  let path: String

  /// A size of at most `limit`, which no product of sizes overflows.
  func size(
    _ key: String, default standard: Int, atMost limit: Int = 65_536
  ) throws(ModelError) -> Int {
    guard let value = json[key], value != .null else { return standard }
    guard let size = value.integer, (1...limit).contains(size) else {
      throw .badConfiguration(
        path: path, key: key, wanted: "a whole number from 1 to \(limit)", found: value)
    }
    return size
  }

  func number(
    _ key: String, in range: ClosedRange<Double>, default standard: Double
  ) throws(ModelError) -> Double {
    try optionalNumber(key, in: range) ?? standard
  }

  func optionalNumber(
    _ key: String, in range: ClosedRange<Double>
  ) throws(ModelError) -> Double? {
    guard let value = json[key], value != .null else { return nil }
    guard let number = value.number, range.contains(number) else {
      throw .badConfiguration(path: path, key: key, wanted: "a number in \(range)", found: value)
    }
    return number
  }

  func require(_ key: String, _ known: [String], default standard: String) throws(ModelError) {
    let value = json[key]?.string ?? standard
    guard known.contains(value) else {
      throw .unsupported(
        path: path, "\(key) \"\(value)\": known is \(known.joined(separator: ", "))")
    }
  }
}
