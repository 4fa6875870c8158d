// The JSON Schema of the configuration says what the reader takes.

import Configuration
import Storage
import Testing

@Suite struct SchemaTests {
  private let schema = Configuration.jsonSchema

  @Test func everyKeySaysWhatItMeansAndWhatItTakes() throws {
    var count = 0
    try visit(schema) { path, key in
      count += 1
      #expect(key["description"]?.string?.isEmpty == false, "\(path)")
      let forms = ["type", "enum", "anyOf"]
      #expect(forms.contains { key[$0] != nil }, "\(path)")
    }
    #expect(count > 90)
  }

  private func visit(
    _ schema: JSONValue, _ path: String = "", _ body: (String, JSONValue) throws -> Void
  ) throws {
    for (name, key) in schema["properties"]?.object ?? JSONObject() {
      try body("\(path)\(name)", key)
      try visit(key, "\(path)\(name).", body)
      for form in key["anyOf"]?.array ?? [] { try visit(form, "\(path)\(name).", body) }
    }
  }

  @Test(arguments: [
    #"{"model": {"name_or_path": "m"}, "data": {"train": "t"}, "output_dir": "r"}"#,
    #"{"model": {"type": "linear", "linear": {"char_ngrams": [3, 5]}}, "data": {"train": "t"}, "output_dir": "r"}"#,
    #"{"$schema": "s.json", "model": {"name_or_path": "m", "tfidf": true}, "data": {"train": "t", "label_names": ["a"]}, "loss": {"type": "asymmetric", "pos_weight": {"scheme": "inverse_sqrt", "max": 50}}, "evaluation": {"threshold": {"precision": 0.8}}, "training": {"freeze_encoder": 2}, "early_stopping": null, "report_to": ["tensorboard"], "output_dir": "r"}"#,
  ])
  func whatIsReadFitsTheSchema(_ text: String) throws {
    let given = try JSONValue(parsing: Array(text.utf8))
    #expect(misfit(given, schema) == nil)
    let configuration = try Configuration(text: text)
    #expect(misfit(configuration.resolved, schema) == nil)
  }

  @Test(arguments: [
    (#"{"training": {"precison": "bf16"}}"#, "training.precison"),
    (#"{"training": {"precision": "fp16"}}"#, "training.precision"),
    (#"{"training": {"train_batch_size": 0}}"#, "training.train_batch_size"),
    (#"{"training": {"adam_beta1": 1}}"#, "training.adam_beta1"),
    (#"{"evaluation": {"threshold": 1.5}}"#, "evaluation.threshold"),
    (#"{"data": {"train": ""}}"#, "data.train"),
    (#"{"report_to": ["wandb"]}"#, "report_to.0"),
  ])
  func whatIsRefusedDoesNotFit(_ text: String, at path: String) throws {
    let given = try JSONValue(parsing: Array(text.utf8))
    #expect(misfit(given, schema) == path)
    #expect(throws: ConfigurationError.self) { try Configuration(text: text) }
  }

  /// Where a value does not fit a schema of the keywords that occur; nil where it does.
  private func misfit(_ value: JSONValue, _ schema: JSONValue, at path: String = "") -> String? {
    if let forms = schema["anyOf"]?.array {
      return forms.contains { misfit(value, $0, at: path) == nil } ? nil : path
    }
    if let values = schema["enum"]?.array, !values.contains(value) { return path }
    if let types = schema["type"] {
      let names = types.array?.compactMap(\.string) ?? [types.string ?? ""]
      guard names.contains(where: { isType($0, value) }) else { return path }
    }
    if let number = value.number, value.string == nil, !isWithin(number, schema) { return path }
    if let least = schema["minLength"]?.integer, let text = value.string, text.count < least {
      return path
    }
    return misfitInside(value, schema, path)
  }

  private func misfitInside(_ value: JSONValue, _ schema: JSONValue, _ path: String) -> String? {
    func inside(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }
    if let array = value.array, let items = schema["items"] {
      for (index, item) in array.enumerated() {
        if let found = misfit(item, items, at: inside("\(index)")) { return found }
      }
    }
    guard let object = value.object, let properties = schema["properties"] else { return nil }
    for (name, member) in object {
      guard let key = properties[name] else { return inside(name) }
      if let found = misfit(member, key, at: inside(name)) { return found }
    }
    return nil
  }

  private func isType(_ name: String, _ value: JSONValue) -> Bool {
    switch (name, value) {
    case ("object", .object), ("array", .array), ("string", .string), ("boolean", .bool),
      ("null", .null), ("number", .integer), ("number", .double), ("integer", .integer):
      true
    case ("integer", .double(let number)): number == number.rounded()
    default: false
    }
  }

  private func isWithin(_ number: Double, _ schema: JSONValue) -> Bool {
    if let bound = schema["minimum"]?.number, number < bound { return false }
    if let bound = schema["maximum"]?.number, number > bound { return false }
    if let bound = schema["exclusiveMinimum"]?.number, number <= bound { return false }
    if let bound = schema["exclusiveMaximum"]?.number, number >= bound { return false }
    return true
  }
}
