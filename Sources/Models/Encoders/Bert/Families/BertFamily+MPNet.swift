extension BertFamily {
  /// Song et al. 2020: what a distance adds to scores is trained, one table for all layers.
  static let mpnet = BertFamily(
    type: "mpnet", className: "MPNetForSequenceClassification", tensorPrefix: "mpnet.",
    keys: Keys(classifierDropout: nil, positionType: nil),
    defaults: Defaults(vocabularySize: 30_527, padToken: 1),
    layerNames: LayerNames(
      attention: ["q", "k", "v"].map { "attention.attn.\($0)" },
      attentionDense: "attention.attn.o", attentionNorm: "attention.LayerNorm"),
    positions: .after(padding: 1), hasTokenTypes: false, hasRelativeBias: true,
    head: OwnHead(
      dense: "classifier.dense", activation: .tanh, dropsInput: true,
      classifier: "classifier.out_proj"))
}
