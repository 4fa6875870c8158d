// The configuration that a run has written, which a resumed run goes on with.

import Data
import Storage

extension Configuration {
  /// Reads what a run has written as `resolved`, also one of an older version. `source` is its name in
  /// messages.
  public init(stored json: JSONValue, source: String) throws(ConfigurationError) {
    try self.init(Self.completed(json), source: source)
  }

  /// Keys that an older version did not have, at the values that it computed by.
  private static func completed(_ stored: JSONValue) -> JSONValue {
    var stored = stored
    RenamedKeys.apply(to: &stored)
    guard var root = stored.object, var data = root["data"]?.object else { return stored }
    if data["split"] == nil {
      data["split"] = .string(SplitRule.random.rawValue)
      data["split_seed"] = root["training"]?["seed"] ?? .integer(TrainingSettings().seed)
    }
    root["data"] = .object(data)
    return .object(root)
  }

  /// What a resumed run reads: the keys that are given, and for the others what the run was begun with. So a
  /// run goes on by the defaults of the version that began it.
  static func resumed(_ given: JSONValue, from stored: JSONValue) -> JSONValue {
    guard var root = given.object, let stored = completed(stored).object else { return given }
    for (name, value) in stored {
      guard let old = value.object else {
        if root[name] == nil { root[name] = value }
        continue
      }
      guard var section = (root[name] ?? .object(JSONObject())).object else { continue }
      // The keys of another loss or kind of model mean nothing to this one.
      let isOfSameType = section["type"] == nil || section["type"] == old["type"]
      for (key, value) in old where section[key] == nil && isOfSameType { section[key] = value }
      root[name] = .object(section)
    }
    return .object(root)
  }
}
