// Keys that version 0.1 called otherwise. Their old names are read like the new ones.

import Objectives
import Storage

/// The keys with another name, in the form of the configuration.
enum RenamedKeys {
  private static let all: [(section: String, old: String, new: String)] = [
    ("model", "wide", "tfidf"),
    ("data", "repeat_factor_threshold", "oversample_rare"),
    ("training", "head_learning_rate", "classifier_learning_rate"),
    ("evaluation", "bootstrap_samples", "confidence_intervals"),
  ]

  /// The path of a key by its present names.
  static func current(_ path: [String]) -> [String] {
    guard path.count > 1,
      let name = all.first(where: { $0.section == path[0] && $0.old == path[1] })
    else { return path }
    return [path[0], name.new] + path.dropFirst(2)
  }

  /// Gives the keys of a configuration their present names. Returns "old is now new" for each.
  @discardableResult
  static func apply(to json: inout JSONValue) -> [String] {
    guard var root = json.object else { return [] }
    var notes: [String] = []
    for name in all {
      guard let section = root[name.section]?.object, let value = section[name.old],
        section[name.new] == nil
      else { continue }
      var renamed = JSONObject(section.filter { $0.0 != name.old })
      renamed[name.new] = value
      root[name.section] = .object(renamed)
      notes.append("\(name.section).\(name.old) is now \(name.section).\(name.new)")
    }
    json = .object(root)
    return notes
  }
}

extension Configuration {
  /// What of a configuration's text and overrides has another name since version 0.1: a sentence
  /// for the user; nil if nothing has.
  package static func renamingNote(text: [UInt8], overrides: [String]) -> String? {
    guard var json = try? JSONValue(parsing: text) else { return nil }
    var notes = RenamedKeys.apply(to: &json)
    for text in overrides {
      guard let path = text.split(separator: "=").first?.split(separator: ".").map(String.init),
        case let current = RenamedKeys.current(path), current != path
      else { continue }
      notes.append("\(path.joined(separator: ".")) is now \(current.joined(separator: "."))")
    }
    if let metric = json["early_stopping"]?["metric_for_best_model"]?.string,
      case let current = MetricName(parsing: metric),
      ![current.description, current.logKey].contains(metric)
    {
      notes.append("the metric \(metric) is now \(current)")
    }
    return notes.isEmpty ? nil : notes.joined(separator: "; ") + "; old names are still read"
  }
}
