// Which layers of a ModernBERT see all keys, and the bases of their rotary positions: keys of
// config.json that transformers 4 and 5 name differently.

import Storage

enum ModernBertPositions {
  private static let (global, local) = ("full_attention", "sliding_attention")

  /// Of each layer, whether it is global: `layer_types` of transformers 5, else the first
  /// of as many as `global_attn_every_n_layers` says.
  static func layers(
    _ count: Int, _ reader: ConfigurationReader
  ) throws(ModelError) -> [Bool] {
    guard let value = reader.json["layer_types"], value != .null else {
      let every = try reader.size("global_attn_every_n_layers", default: 3)
      return (0..<count).map { $0 % every == 0 }
    }
    let names = value.array?.compactMap(\.string) ?? []
    guard names.count == count, names.allSatisfy({ [global, local].contains($0) }) else {
      throw .badConfiguration(
        path: reader.path, key: "layer_types",
        wanted: "\(count) of \"\(global)\" and \"\(local)\"", found: value)
    }
    return names.map { $0 == global }
  }

  /// The bases: `rope_parameters` of transformers 5, else `global_rope_theta` and
  /// `local_rope_theta`.
  static func bases(
    _ reader: ConfigurationReader
  ) throws(ModelError) -> (global: Double, local: Double) {
    if let scaling = reader.json["rope_scaling"], scaling != .null {
      throw .unsupported(
        path: reader.path, "rope_scaling: scaled rotary positions are not done; set it to null")
    }
    return (
      try base(global, reader, key: "global_rope_theta", default: 160_000),
      try base(local, reader, key: "local_rope_theta", default: 10_000)
    )
  }

  private static func base(
    _ type: String, _ reader: ConfigurationReader, key: String, default standard: Double
  ) throws(ModelError) -> Double {
    let former = try reader.number(key, in: 1...1e12, default: standard)
    guard let value = reader.json["rope_parameters"]?[type], value != .null else { return former }
    let parameters = ConfigurationReader(json: value, path: "\(reader.path): rope_parameters")
    try parameters.require("rope_type", ["default"], default: "default")
    return try parameters.number("rope_theta", in: 1...1e12, default: former)
  }

  /// The keys of both forms.
  static func json(_ configuration: ModernBertConfiguration) -> JSONObject {
    func parameters(_ base: Double) -> JSONValue {
      ["rope_type": "default", "rope_theta": .double(base)]
    }
    var json: JSONObject = [
      "layer_types": .array(configuration.isGlobal.map { .string($0 ? global : local) }),
      "rope_parameters": .object(
        JSONObject([
          (global, parameters(configuration.globalBase)),
          (local, parameters(configuration.localBase)),
        ])),
      "global_rope_theta": .double(configuration.globalBase),
      "local_rope_theta": .double(configuration.localBase),
    ]
    // The former key knows patterns only.
    let every = configuration.isGlobal.dropFirst().firstIndex(of: true) ?? configuration.layerCount
    if configuration.isGlobal.enumerated().allSatisfy({ $0.element == ($0.offset % every == 0) }) {
      json["global_attn_every_n_layers"] = .integer(every)
    }
    return json
  }
}
