// Typed look-ups in a model's config.json, and the refusal of what no encoder here computes.

import Kernels
import Storage

/// Reads the keys of a `config.json`; a key that is missing or null has a default.
struct ConfigurationReader {
  let json: JSONValue
  /// The file, for messages.
  let path: String

  /// A size of at most `limit`, which no product of sizes overflows.
  func size(
    _ key: String, default standard: Int, atMost limit: Int = 65_536
  ) throws(ModelError) -> Int {
    try whole(key, in: 1...limit, default: standard)
  }

  /// A whole number in a range.
  func whole(
    _ key: String, in range: ClosedRange<Int>, default standard: Int
  ) throws(ModelError) -> Int {
    guard let value = json[key], value != .null else { return standard }
    guard let number = value.integer, range.contains(number) else {
      throw .badConfiguration(
        path: path, key: key,
        wanted: "a whole number from \(range.lowerBound) to \(range.upperBound)", found: value)
    }
    return number
  }

  func number(
    _ key: String, in range: ClosedRange<Double>, default standard: Double
  ) throws(ModelError) -> Double {
    try optionalNumber(key, in: range) ?? standard
  }

  func optionalNumber(
    _ key: String, in range: ClosedRange<Double>
  ) throws(ModelError) -> Double? {
    guard let value = json[key], value != .null else { return nil }
    guard let number = value.number, range.contains(number) else {
      throw .badConfiguration(path: path, key: key, wanted: "a number in \(range)", found: value)
    }
    return number
  }

  func dropout(_ key: String, default standard: Double) throws(ModelError) -> Double {
    try number(key, in: 0...0.999, default: standard)
  }

  func flag(_ key: String, default standard: Bool) throws(ModelError) -> Bool {
    guard let value = json[key], value != .null else { return standard }
    guard let flag = value.bool else {
      throw .badConfiguration(path: path, key: key, wanted: "true or false", found: value)
    }
    return flag
  }

  func require(_ key: String, _ known: [String], default standard: String) throws(ModelError) {
    _ = try choice(key, known, default: standard)
  }

  /// One of some words.
  func choice(
    _ key: String, _ known: [String], default standard: String
  ) throws(ModelError) -> String {
    guard let value = json[key], value != .null else { return standard }
    guard let word = value.string, known.contains(word) else {
      throw .unsupported(
        path: path, "\(key) \(value.text()): known is \(known.joined(separator: ", "))")
    }
    return word
  }

  /// An activation between two dense layers, by the names of Hugging Face.
  func activation(_ key: String) throws(ModelError) -> (name: String, kind: Activation) {
    let name = try choice(key, Activation.names.map(\.name), default: "gelu")
    guard let kind = Activation.names.first(where: { $0.name == name })?.kind else {
      preconditionFailure("the name is one of those")
    }
    return (name, kind)
  }

  /// Throws where the file describes something else than an encoder with weights in
  /// floating point.
  func refuseForeignForms() throws(ModelError) {
    for key in ["is_decoder", "add_cross_attention", "is_encoder_decoder"]
    where json[key]?.bool == true {
      throw .unsupported(
        path: path, "\(key) is true: only encoders can be trained; for an encoder set it to false")
    }
    if let value = json["quantization_config"], value != .null {
      throw .unsupported(
        path: path,
        "quantization_config: quantized weights cannot be trained; take the model that they were "
          + "made from")
    }
    if let pruned = json["pruned_heads"]?.object, !pruned.isEmpty {
      throw .unsupported(
        path: path, "pruned_heads: pruned heads are not done; take the model with all heads")
    }
  }
}

extension Activation {
  /// Names in `config.json`, and what they stand for.
  fileprivate static let names: [(name: String, kind: Activation)] = [
    ("gelu", .gelu), ("gelu_python", .gelu), ("gelu_new", .geluTanh), ("gelu_fast", .geluTanh),
    ("gelu_pytorch_tanh", .geluTanh), ("gelu_python_tanh", .geluTanh),
    ("gelu_accurate", .geluTanh), ("relu", .relu),
  ]
}
