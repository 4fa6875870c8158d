extension BertFamily {
  /// Devlin et al. 2019; the bodies of bge, arctic-embed, e5 and gte.
  static let bert = BertFamily(
    type: "bert", className: "BertForSequenceClassification", tensorPrefix: "bert.",
    head: OwnHead(dense: "bert.pooler.dense", activation: .tanh))
}
