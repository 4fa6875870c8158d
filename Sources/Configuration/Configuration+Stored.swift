// The configuration that a run has written, which a resumed run goes on with.

import Data
import Storage

extension Configuration {
  /// Reads what a run has written as `resolved`, also one of an older version. `source` is its
  /// name in messages.
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

  /// What a resumed run reads: the keys that are given, and what it was begun with for those others
  /// whose change would stop it, for the number of epochs, for decisions, and for the file of
  /// validation rows. So a run goes on by the defaults of the version that began it.
  static func resumed(_ given: JSONValue, from stored: JSONValue) -> JSONValue {
    guard var root = given.object, let stored = completed(stored).object else { return given }
    // The default of the epochs has changed, and the schedule depends on it; `ddp-train thresholds`
    // changes the decisions of a run that has ended.
    let kept = ["training.num_train_epochs", "data.validation", "evaluation.threshold"]
    let chosen = Self.chosenKeys
    for path in Self.keys.flatMap(\.stoppingResume) + kept {
      let parts = path.split(separator: ".", maxSplits: 1).map(String.init)
      guard parts.count == 2, let old = stored[parts[0]]?.object, let value = old[parts[1]],
        var section = (root[parts[0]] ?? .object(JSONObject())).object,
        section[parts[1]] == nil || chosen.contains(path) && section[parts[1]]?.string == "auto"
      else { continue }
      // The keys of another loss or kind of model mean nothing to this one.
      guard section["type"] == nil || section["type"] == old["type"] else { continue }
      section[parts[1]] = value
      root[parts[0]] = .object(section)
    }
    return .object(root)
  }

  /// Keys whose "auto" a run replaces by what it has chosen.
  private static let chosenKeys: Set = ["training.precision"]

  /// The configuration with what a run that began with it has chosen for keys that are "auto".
  /// - Parameter stored: what the run has written.
  /// - Returns: nil if the run did not begin with this configuration.
  package func chosen(by stored: JSONValue) -> Configuration? {
    guard let old = try? Configuration(stored: stored, source: "") else { return nil }
    var configuration = self
    if training.precision == .auto { configuration.training.precision = old.training.precision }
    return configuration.resolved == stored ? configuration : nil
  }
}
