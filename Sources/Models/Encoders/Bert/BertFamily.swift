// What tells a family of encoders with BERT's layers from BERT: names, defaults, and the few things
// around the layers. A family is one such value, in Families/, and a line in EncoderRegistry.swift.

/// A family of encoders whose layers are BERT's.
struct BertFamily: Sendable, Equatable {
  /// `model_type` in `config.json`.
  let type: String
  /// Hugging Face's class with the family's own head.
  let className: String
  /// What the names of the encoder's tensors begin with.
  let tensorPrefix: String
  var keys = Keys()
  var defaults = Defaults()
  var layerNames = LayerNames()
  var positions = Positions.fromZero
  /// Whether embeddings of token types are added.
  var hasTokenTypes = true
  /// Whether embeddings may have another size than the layers, and a dense layer behind them.
  var mayProject = false
  /// Whether what two tokens' distance adds to their scores is trained.
  var hasRelativeBias = false
  let head: OwnHead

  static func == (a: BertFamily, b: BertFamily) -> Bool { a.type == b.type }

  /// Names of keys in `config.json` that are not the same in all families; nil for none.
  struct Keys: Sendable {
    var hiddenSize = "hidden_size"
    var layerCount = "num_hidden_layers"
    var headCount = "num_attention_heads"
    var intermediateSize = "intermediate_size"
    var activation = "hidden_act"
    var hiddenDropout = "hidden_dropout_prob"
    var attentionDropout = "attention_probs_dropout_prob"
    var classifierDropout: String? = "classifier_dropout"
    var epsilon: String? = "layer_norm_eps"
    var positionType: String? = "position_embedding_type"
  }

  /// What keys stand for that `config.json` lacks: the defaults of Hugging Face's class.
  struct Defaults: Sendable {
    var vocabularySize = 30_522
    var embeddingSize = 768
    var hiddenSize = 768
    var layerCount = 12
    var headCount = 12
    var intermediateSize = 3_072
    var classifierDropout: Double?
    var padToken = 0
  }

  /// Names of a layer's tensors, without ".weight" and ".bias".
  struct LayerNames: Sendable {
    /// What stands before the layer's number.
    var layer = "encoder.layer."
    /// Queries, keys, values.
    var attention = ["query", "key", "value"].map { "attention.self.\($0)" }
    var attentionDense = "attention.output.dense"
    var attentionNorm = "attention.output.LayerNorm"
    var intermediate = "intermediate.dense"
    var dense = "output.dense"
    var norm = "output.LayerNorm"
  }

  /// Which row of the table of positions a row's first token has.
  enum Positions: Sendable {
    case fromZero
    /// The one behind the padding token's number, which is that of `pad_token_id`; a padding token
    /// inside a row has the row of that number and is not counted.
    case afterPadding
    /// Likewise, whatever `pad_token_id` is.
    case after(padding: Int)
  }
}
