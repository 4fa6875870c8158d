// What a saved model brings for Hugging Face to run, where that does not know the model: a type of
// its own in config.json, so that nothing takes it for a plain BERT, and Python files for it.

import Storage

/// A Python file that a saved model brings.
struct PythonFile {
  /// The file's name without ".py".
  let module: String
  let content: [UInt8]

  /// The class of a model's configuration and of the model, with every head.
  static var bertWithHead: PythonFile {
    PythonFile(
      module: "modeling_ddp_train_bert", content: PackageResources.modeling_ddp_train_bert_py)
  }

  /// The class of a model with a linear part, and its pipeline; needs the file before.
  static var bertWithTfidf: PythonFile {
    PythonFile(
      module: "modeling_ddp_train_tfidf_bert",
      content: PackageResources.modeling_ddp_train_tfidf_bert_py)
  }
}

extension Pooling {
  /// Whether Hugging Face's own class for BERT computes this head.
  package var isPlainBert: Bool { self == .cls }

  /// The heads of models that version 0.1.0 saved, by the class that their config.json names.
  static let byFormerClass: [String: Pooling] = [
    "MeanPoolingBertForSequenceClassification": .mean,
    "LabelAttentionBertForSequenceClassification": .labelAttention,
  ]
}

extension ModelDescription {
  /// The `model_type` of a BERT whose head or linear part Hugging Face does not know.
  package static let bertWithHeadType = "ddp_train_bert"
  /// The key of `config.json` that names the head of such a model.
  static let poolingKey = "pooling"

  /// Whether Hugging Face loads the model by code that it brings.
  package var needsRemoteCode: Bool { !pooling.isPlainBert || hasLinearPart }

  var pythonFiles: [PythonFile] {
    guard needsRemoteCode else { return [] }
    return hasLinearPart ? [.bertWithHead, .bertWithTfidf] : [.bertWithHead]
  }

  /// Says in a model's `config.json` which class loads it.
  func nameClasses(in json: inout JSONObject) {
    for key in ["auto_map", "custom_pipelines", Self.poolingKey] { json[key] = nil }
    guard needsRemoteCode else {
      json["architectures"] = ["BertForSequenceClassification"]
      return
    }
    let (head, tfidf) = (PythonFile.bertWithHead.module, PythonFile.bertWithTfidf.module)
    let name =
      hasLinearPart
      ? "DDPTrainTfidfBertForSequenceClassification" : "DDPTrainBertForSequenceClassification"
    json["model_type"] = .string(Self.bertWithHeadType)
    json[Self.poolingKey] = .string(pooling.rawValue)
    json["architectures"] = [.string(name)]
    json["auto_map"] = [
      "AutoConfig": .string("\(head).DDPTrainBertConfig"),
      "AutoModelForSequenceClassification": .string("\(hasLinearPart ? tfidf : head).\(name)"),
    ]
    guard hasLinearPart else { return }
    json["custom_pipelines"] = [
      "text-classification": [
        "impl": .string("\(tfidf).TfidfTextClassificationPipeline"),
        "pt": ["AutoModelForSequenceClassification"], "tf": [],
      ]
    ]
  }
}
