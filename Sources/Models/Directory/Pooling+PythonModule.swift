// What a saved model brings for Hugging Face to run, where that does not know the head.

/// A Python file with the class of a model.
struct PythonModule {
  /// The file's name without ".py".
  let name: String
  /// The model's class.
  let className: String
  let content: [UInt8]
}

extension Pooling {
  /// The file in Resources; nil for a head that Hugging Face knows.
  var pythonModule: PythonModule? {
    switch self {
    case .cls: nil
    case .mean:
      PythonModule(
        name: "modeling_mean_pooling_bert",
        className: "MeanPoolingBertForSequenceClassification",
        content: PackageResources.modeling_mean_pooling_bert_py)
    case .labelAttention:
      PythonModule(
        name: "modeling_label_attention_bert",
        className: "LabelAttentionBertForSequenceClassification",
        content: PackageResources.modeling_label_attention_bert_py)
    }
  }

  /// Whether Hugging Face loads such a model by code that it brings.
  package var needsRemoteCode: Bool { pythonModule != nil }
}
