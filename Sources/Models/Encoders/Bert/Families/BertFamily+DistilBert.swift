extension BertFamily {
  /// Sanh et al. 2019: no token types.
  static let distilBert = BertFamily(
    type: "distilbert", className: "DistilBertForSequenceClassification",
    tensorPrefix: "distilbert.",
    keys: Keys(
      hiddenSize: "dim", layerCount: "n_layers", headCount: "n_heads",
      intermediateSize: "hidden_dim", activation: "activation", hiddenDropout: "dropout",
      attentionDropout: "attention_dropout", classifierDropout: "seq_classif_dropout",
      epsilon: nil, positionType: nil),
    defaults: Defaults(layerCount: 6, classifierDropout: 0.2),
    layerNames: LayerNames(
      layer: "transformer.layer.", attention: ["q", "k", "v"].map { "attention.\($0)_lin" },
      attentionDense: "attention.out_lin", attentionNorm: "sa_layer_norm",
      intermediate: "ffn.lin1", dense: "ffn.lin2", norm: "output_layer_norm"),
    hasTokenTypes: false,
    head: OwnHead(dense: "pre_classifier", activation: .relu))
}
