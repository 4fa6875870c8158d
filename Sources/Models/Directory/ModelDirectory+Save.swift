// Writing a model so that Hugging Face loads it.

import Kernels
import Memory
import Storage

/// What a saved model's files say besides its weights.
public struct ModelDescription {
  /// The `config.json` that the encoder came with; its unknown keys are kept.
  public var original: JSONObject
  /// Sizes, and the dropout that the model was trained with.
  package var configuration: any EncoderConfiguration
  /// How rows are pooled.
  public var pooling: Pooling
  /// The labels, in the order of the logits.
  public var labels: [String]

  /// See the properties.
  package init(
    original: JSONObject, configuration: any EncoderConfiguration, pooling: Pooling,
    labels: [String]
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
    let module = pooling.pythonModule
    json["architectures"] = [.string(module?.className ?? "BertForSequenceClassification")]
    if let module {
      json["auto_map"] = [
        "AutoModelForSequenceClassification": .string("\(module.name).\(module.className)")
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

extension EncoderClassifier {
  /// Writes `config.json`, `model.safetensors`, where Hugging Face does not know the head the
  /// Python module that it runs, and the linear part into a directory being written. Returns the
  /// files' records. Throws `FileError`.
  public func save(
    _ description: ModelDescription, into directory: PendingDirectory
  ) throws -> [FileRecord] {
    var records = [
      try directory.writeFile("config.json") {
        try $0.write(description.json.text(pretty: true) + "\n")
      },
      try saveWeights(into: directory),
    ]
    if let module = options.pooling.pythonModule {
      records.append(try directory.writeFile("\(module.name).py") { try $0.write(module.content) })
    }
    if let linear { records.append(try linear.save(into: directory)) }
    return records
  }

  /// Writes `model.safetensors`. Throws `FileError`.
  public func saveWeights(into directory: PendingDirectory) throws -> FileRecord {
    try saveWeights(into: directory) { $1 }
  }

  /// Writes `model.safetensors` so that the logit of each label is multiplied by its factor, and
  /// has a number added. Throws `FileError`.
  /// - Parameters:
  ///   - factors: `[L]`
  ///   - bias: `[L]`
  public func saveWeights(
    scaling factors: [Float], addingToBias bias: [Float], into directory: PendingDirectory
  ) throws -> FileRecord {
    try saveWeights(into: directory) { slot, values in
      guard slot.name == "classifier.weight" || slot.name == "classifier.bias" else {
        return values
      }
      let (isBias, width) = (slot.name == "classifier.bias", values.count / factors.count)
      let scaled = Vector<Float>(zeros: values.count)
      scaled.copy(
        from: values.array.enumerated().map { index, value in
          factors[index / width] * value + (isBias ? bias[index] : 0)
        })
      return scaled
    }
  }

  private func saveWeights(
    into directory: PendingDirectory,
    transform: (ParameterSlot, Vector<Float>) -> Vector<Float>
  ) throws -> FileRecord {
    var writer = SafetensorsWriter()
    for slot in layout.slots {
      writer.add(slot.name, shape: slot.shape, transform(slot, parameters[slot.range]))
    }
    return try directory.writeFile("model.safetensors") { try writer.write(to: $0) }
  }
}
