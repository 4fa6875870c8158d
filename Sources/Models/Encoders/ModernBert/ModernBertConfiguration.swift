// The shape of a ModernBERT (Warner et al. 2024), as `config.json` of a Hugging Face directory
// states it, in the forms of transformers 4 and 5.

import Kernels
import Storage

/// Sizes and constants of a `ModernBertModel`.
package struct ModernBertConfiguration: EncoderConfiguration, Equatable {
  package var vocabularySize: Int
  package var hiddenSize: Int
  /// A, heads of attention; divides the hidden size.
  package var headCount: Int
  /// I, half of what the first dense part of a layer puts out.
  package var intermediateSize: Int
  package var maximumPositions: Int
  /// Of each layer, whether its queries attend to all keys; else to those in a window.
  package var isGlobal: [Bool]
  /// How far a window reaches to either side.
  package var windowHalf: Int
  /// Bases of the rotary positions of global and of other layers.
  package var globalBase: Double
  package var localBase: Double
  package var activationName: String
  package var activation: Activation
  /// ε of every LayerNorm.
  package var normEpsilon: Float
  /// What has a bias: LayerNorms, the two dense parts of attention, and those of the layer.
  package var normBias: Bool
  package var attentionBias: Bool
  package var mlpBias: Bool
  package var initializerRange: Double
  /// Of the embeddings, and of what the activation puts out.
  package var hiddenDropout: Double
  /// Of probabilities, and of what attention puts out.
  package var attentionDropout: Double
  package var classifierDropout: Double?
  package var padToken: Int
  package let ownHead: OwnHead
  /// The name of its activation.
  private let headActivation: String

  package var layerCount: Int { isGlobal.count }
  package var headSize: Int { hiddenSize / headCount }
  package var modelType: String { "modernbert" }
  package var className: String { "ModernBertForSequenceClassification" }
  package var tensorPrefix: String { "model." }

  package func makeEncoder(
    _ layout: ParameterLayout, _ store: ParameterStore, _ use: EncoderUse
  ) -> any Encoder {
    ModernBertEncoder(self, layout, store, use)
  }
}

extension ModernBertConfiguration {
  /// Reads the keys of a `config.json`. Keys with a default in Hugging Face may be missing.
  /// - Parameter path: the file, for messages. Throws `ModelError`.
  init(_ json: JSONValue, path: String) throws(ModelError) {
    let reader = ConfigurationReader(json: json, path: path)
    try reader.refuseForeignForms()
    (activationName, activation) = try reader.activation("hidden_activation")
    vocabularySize = try reader.size("vocab_size", default: 50_368, atMost: 16_777_216)
    hiddenSize = try reader.size("hidden_size", default: 768)
    headCount = try reader.size("num_attention_heads", default: 12)
    intermediateSize = try reader.size("intermediate_size", default: 1_152, atMost: 1_048_576)
    maximumPositions = try reader.size(
      "max_position_embeddings", default: 8_192, atMost: 1_048_576)
    windowHalf = try reader.size("local_attention", default: 128, atMost: 1_048_576) / 2
    normEpsilon = Float(try reader.number("norm_eps", in: 0...1, default: 1e-5))
    normBias = try reader.flag("norm_bias", default: false)
    attentionBias = try reader.flag("attention_bias", default: false)
    mlpBias = try reader.flag("mlp_bias", default: false)
    initializerRange = try reader.number("initializer_range", in: 0...100, default: 0.02)
    hiddenDropout = try reader.dropout("mlp_dropout", default: 0)
    attentionDropout = try reader.dropout("attention_dropout", default: 0)
    classifierDropout = try reader.dropout("classifier_dropout", default: 0)
    padToken = try reader.whole("pad_token_id", in: 0...16_777_215, default: 50_283)
    let count = try reader.size("num_hidden_layers", default: 22, atMost: 1_024)
    isGlobal = try ModernBertPositions.layers(count, reader)
    (globalBase, localBase) = try ModernBertPositions.bases(reader)
    headActivation = try reader.choice(
      "classifier_activation", Array(Self.headActivations.keys), default: "gelu")
    ownHead = OwnHead(
      reading: try reader.choice("classifier_pooling", ["cls", "mean"], default: "cls") == "mean"
        ? .mean : .firstToken,
      dense: "head.dense", hasBias: try reader.flag("classifier_bias", default: false),
      activation: Self.headActivations[headActivation] ?? .gelu,
      norm: OwnHead.Norm(name: "head.norm", epsilon: normEpsilon, hasBias: normBias))
    try check(path: path)
  }

  private static let headActivations: [String: OwnHead.Activation] = [
    "gelu": .gelu, "relu": .relu, "tanh": .tanh,
  ]

  private func check(path: String) throws(ModelError) {
    guard hiddenSize % headCount == 0 else {
      throw .unsupported(
        path: path, "hidden_size \(hiddenSize) is no multiple of num_attention_heads \(headCount)")
    }
    guard headSize % 2 == 0 else {
      throw .unsupported(
        path: path,
        "heads of \(headSize) values, hidden_size by num_attention_heads: rotary positions turn "
          + "pairs of values, so it must be even")
    }
  }

  /// The keys of a Hugging Face `config.json` that these values fill, those of both forms.
  package var json: JSONObject {
    var json: JSONObject = [
      "model_type": .string(modelType),
      "vocab_size": .integer(vocabularySize),
      "hidden_size": .integer(hiddenSize),
      "num_hidden_layers": .integer(layerCount),
      "num_attention_heads": .integer(headCount),
      "intermediate_size": .integer(intermediateSize),
      "max_position_embeddings": .integer(maximumPositions),
      "local_attention": .integer(2 * windowHalf),
      "norm_eps": .double(Double("\(normEpsilon)") ?? Double(normEpsilon)),
      "norm_bias": .bool(normBias),
      "attention_bias": .bool(attentionBias),
      "mlp_bias": .bool(mlpBias),
      "initializer_range": .double(initializerRange),
      "hidden_activation": .string(activationName),
      "embedding_dropout": .double(hiddenDropout),
      "mlp_dropout": .double(hiddenDropout),
      "attention_dropout": .double(attentionDropout),
      "classifier_dropout": .double(classifierDropout ?? hiddenDropout),
      "classifier_pooling": .string(ownHead.reading.rawValue),
      "classifier_bias": .bool(ownHead.hasBias),
      "classifier_activation": .string(headActivation),
      "pad_token_id": .integer(padToken),
    ]
    for (key, value) in ModernBertPositions.json(self) { json[key] = value }
    return json
  }
}
