// A linear model's directory: config.json with the labels, the biases, and the
// linear part's weights.

import Memory
import Storage

extension LinearClassifier {
  /// What config.json calls the model.
  public static let modelType = "ddp_train_linear"

  /// Writes `config.json`, `model.safetensors` (the biases) and the linear part into a directory
  /// being written. Returns the files' records. Throws `FileError`.
  public func save(
    labels: [String], into directory: PendingDirectory
  ) throws -> [FileRecord] {
    let json: JSONObject = [
      "model_type": .string(Self.modelType), "problem_type": "multi_label_classification",
      "id2label": .object(JSONObject(labels.enumerated().map { (String($0), .string($1)) })),
      "label2id": .object(JSONObject(labels.enumerated().map { ($1, .integer($0)) })),
    ]
    var writer = SafetensorsWriter()
    for slot in layout.slots { writer.add(slot.name, shape: slot.shape, parameters[slot.range]) }
    let records = [
      try directory.writeFile("config.json") {
        try $0.write(JSONValue.object(json).text(pretty: true) + "\n")
      },
      try directory.writeFile("model.safetensors") { try writer.write(to: $0) },
    ]
    return records + [try linear.save(into: directory)]
  }
}
