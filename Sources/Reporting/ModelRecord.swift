import Storage

/// The content of ddp_train.json in a saved model: how it was trained, as far as evaluating and
/// predicting need it.
package struct ModelRecord: JSONRecord, JSONConvertible {
  package static let fields: [JSONField<Self>] = [
    JSONField("program", \.program, isRequired: false), JSONField("max_length", \.maxLength),
    JSONField("loss", \.loss), JSONField("loss_options", \.lossOptions, isRequired: false),
    JSONField("training_rows", \.trainingRows),
    JSONField("training_positives", \.trainingPositives),
    JSONField("pos_weight", \.positiveWeights), JSONField("top_k", \.topK, isRequired: false),
    JSONField(ifPresent: "word_features", \.tfidfVocabulary),
  ]
  /// Name and version.
  package var program = ""
  /// Tokens of a text that are read.
  package var maxLength = 0
  /// The loss by its name, and its options.
  package var loss = ""
  package var lossOptions = JSONObject()
  package var trainingRows = 0
  /// Training rows that have each label. `[L]`
  package var trainingPositives: [Int] = []
  /// `[L]`
  package var positiveWeights: [Double] = []
  /// The k of the ranking metrics; nil in models of version 0.1.0.
  package var topK: [Int]?
  /// The fingerprint of the n-grams that the weights of TF-IDF features belong to; nil if there are
  /// none.
  package var tfidfVocabulary: String?
  package init() {}
}
