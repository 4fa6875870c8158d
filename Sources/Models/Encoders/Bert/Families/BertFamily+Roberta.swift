extension BertFamily {
  /// Dense and tanh on the first token, with dropout on both sides.
  private static let robertaHead = OwnHead(
    dense: "classifier.dense", activation: .tanh, dropsInput: true,
    classifier: "classifier.out_proj"
  )

  private static func roberta(
    _ type: String, _ className: String, vocabularySize: Int
  ) -> BertFamily {
    BertFamily(
      type: type, className: className, tensorPrefix: "roberta.",
      defaults: Defaults(vocabularySize: vocabularySize, padToken: 1), positions: .afterPadding,
      head: robertaHead)
  }

  /// Liu et al. 2019: positions begin behind the padding token's number.
  static let roberta = roberta(
    "roberta", "RobertaForSequenceClassification", vocabularySize: 50_265)

  /// Conneau et al. 2020; also the bodies of bge-m3 and multilingual-e5.
  static let xlmRoberta = roberta(
    "xlm-roberta", "XLMRobertaForSequenceClassification", vocabularySize: 30_522)

  /// Martin et al. 2020.
  static let camembert = roberta(
    "camembert", "CamembertForSequenceClassification", vocabularySize: 30_522)
}
