// Writing a model so that Hugging Face loads it.

import Memory
import Storage

/// What a saved model's files say besides its weights.
public struct ModelDescription {
  /// The `config.json` that the encoder came with; its unknown keys are kept.
  public var original: JSONObject
  /// Sizes, and the dropout that the model was trained with.
  public var configuration: BertConfiguration
  /// How rows are pooled.
  public var pooling: Pooling
  /// The labels, in the order of the logits.
  public var labels: [String]

  /// See the properties.
  public init(
    original: JSONObject, configuration: BertConfiguration, pooling: Pooling, labels: [String]
  ) {
    self.original = original
    self.configuration = configuration
    self.pooling = pooling
    self.labels = labels
  }

  /// The model's `config.json`.
  public var json: JSONValue {
    var json = original
    for (key, value) in configuration.json { json[key] = value }
    for key in ["_name_or_path", "dtype", "auto_map"] { json[key] = nil }
    json["architectures"] = [
      pooling == .cls
        ? "BertForSequenceClassification" : .string(ModelDirectory.meanPoolingClass)
    ]
    if pooling == .mean {
      json["auto_map"] = [
        "AutoModelForSequenceClassification": .string(
          "modeling_mean_pooling_bert.\(ModelDirectory.meanPoolingClass)")
      ]
    }
    json["torch_dtype"] = "float32"
    json["problem_type"] = "multi_label_classification"
    json["id2label"] = .object(
      JSONObject(labels.enumerated().map { (String($0), .string($1)) }))
    json["label2id"] = .object(
      JSONObject(labels.enumerated().map { ($1, .integer($0)) }))
    return .object(json)
  }
}

extension BertClassifier {
  /// Writes `config.json`, `model.safetensors` and, for a `mean` model, the Python module that
  /// Hugging Face runs, into a directory being written. Returns the files' records.
  /// Throws `FileError`.
  public func save(
    _ description: ModelDescription, into directory: PendingDirectory
  ) throws -> [FileRecord] {
    var writer = SafetensorsWriter()
    for slot in layout.slots {
      writer.add(slot.name, shape: slot.shape, parameters[slot.range])
    }
    var records = [
      try directory.writeFile("config.json") {
        try $0.write(description.json.text(pretty: true) + "\n")
      },
      try directory.writeFile("model.safetensors") { try writer.write(to: $0) },
    ]
    if pooling == .mean {
      records.append(
        try directory.writeFile("modeling_mean_pooling_bert.py") {
          try $0.write(PackageResources.modeling_mean_pooling_bert_py)
        })
    }
    return records
  }
}
