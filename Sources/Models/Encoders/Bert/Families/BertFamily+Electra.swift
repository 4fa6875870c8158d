extension BertFamily {
  /// Clark et al. 2020: embeddings of a size of their own, and a dense layer behind them.
  static let electra = BertFamily(
    type: "electra", className: "ElectraForSequenceClassification", tensorPrefix: "electra.",
    defaults: Defaults(embeddingSize: 128, hiddenSize: 256, headCount: 4, intermediateSize: 1_024),
    mayProject: true,
    head: OwnHead(
      dense: "classifier.dense", activation: .gelu, dropsInput: true,
      classifier: "classifier.out_proj"))
}
