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
  /// Whether a part that reads TF-IDF features stands beside the encoder.
  public var hasLinearPart: Bool

  /// See the properties.
  package init(
    original: JSONObject, configuration: any EncoderConfiguration, pooling: Pooling,
    labels: [String], hasLinearPart: Bool
  ) {
    self.original = original
    self.configuration = configuration
    self.pooling = pooling
    self.labels = labels
    self.hasLinearPart = hasLinearPart
  }

  /// That of a saved model. Throws `ModelError`.
  public init(
    _ directory: ModelDirectory, labels: [String], hasLinearPart: Bool
  ) throws(ModelError) {
    self.init(
      original: directory.json, configuration: directory.configuration,
      pooling: try directory.pooling(), labels: labels, hasLinearPart: hasLinearPart)
  }

  /// The model's `config.json`.
  public var json: JSONValue {
    var json = original
    for (key, value) in configuration.json { json[key] = value }
    for key in ["_name_or_path", "dtype"] { json[key] = nil }
    nameClasses(in: &json)
    json["torch_dtype"] = "float32"
    json["problem_type"] = "multi_label_classification"
    json["id2label"] = .object(
      JSONObject(labels.enumerated().map { (String($0), .string($1)) }))
    json["label2id"] = .object(
      JSONObject(labels.enumerated().map { ($1, .integer($0)) }))
    return .object(json)
  }

  /// Writes `config.json`, and the Python files that Hugging Face runs where it does not know the
  /// model, into a directory being written. Returns the files' records. Throws `FileError`.
  public func save(into directory: PendingDirectory) throws -> [FileRecord] {
    let config = try directory.writeFile("config.json") {
      try $0.write(json.text(pretty: true) + "\n")
    }
    return [config]
      + (try pythonFiles.map { file in
        try directory.writeFile("\(file.module).py") { try $0.write(file.content) }
      })
  }
}

extension EncoderClassifier {
  /// Writes what describes the model, `model.safetensors` and the linear part into a directory
  /// being written. Returns the files' records. Throws `FileError`.
  public func save(
    _ description: ModelDescription, into directory: PendingDirectory
  ) throws -> [FileRecord] {
    precondition(description.hasLinearPart == (linear != nil), "the model is described wrongly")
    var records = try description.save(into: directory)
    records.append(try saveWeights(into: directory))
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
      guard slot.part == .classifier else { return values }
      let (isBias, width) = (!slot.decays, values.count / factors.count)
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
