// What a run leaves behind, read for comparison.

import Foundation
import Testing

extension Workplace {
  /// The lines of a run's metrics.jsonl of the given events, as text: equal lines are equal figures
  /// to the last bit. What may differ from run to run, times, memory and the number of ranks,
  /// is taken out.
  func figures(_ run: String = "run", events: [String] = ["train", "eval"]) throws -> [String] {
    try text("\(run)/metrics.jsonl").split(separator: "\n").map(String.init)
      .filter { line in events.contains { line.hasPrefix("{\"event\": \"\($0)\"") } }
      .map { line in
        [
          #", "(tokens_per_second|data_seconds|pause_seconds|megabytes)": [-+.0-9e]+"#,
          #", "(kernel_)?seconds": \{[^}]*\}"#,
          #", "peak_memory_mb": \[[^\]]*\]"#, #", "(ranks|bytes_sent_per_step)": [0-9]+"#,
        ]
        .reduce(line) { $0.replacingOccurrences(of: $1, with: "", options: .regularExpression) }
      }
  }

  /// The number of whole lines in a run's metrics.jsonl that say of a training step.
  func stepsLogged(_ run: String = "run") -> Int {
    let text = (try? text("\(run)/metrics.jsonl")) ?? ""
    return text.components(separatedBy: "\n").dropLast().filter { $0.contains("\"train\"") }.count
  }

  /// The objects of a run's metrics.jsonl of one event.
  func events(_ event: String, _ run: String = "run") throws -> [[String: Any]] {
    try text("\(run)/metrics.jsonl").split(separator: "\n").map { try object(String($0)) }
      .filter { $0["event"] as? String == event }
  }

  /// A JSON file of the directory that holds an object.
  func json(_ name: String) throws -> [String: Any] { try object(try text(name)) }

  /// A JSON Lines file of the directory.
  func jsonLines(_ name: String) throws -> [[String: Any]] {
    try text(name).split(separator: "\n").map { try object(String($0)) }
  }

  /// A figure of a run's results.json.
  func result(_ name: String, of part: String = "validation", _ run: String = "run") throws
    -> Double
  {
    let figures = try #require(try json("\(run)/results.json")[part] as? [String: Any])
    return try #require(figures[name] as? Double, "\(part) \(name)")
  }

  /// The weights of a run's best model and its results: what a run is for.
  func products(_ run: String = "run") throws -> [Data] {
    try ["best/model.safetensors", "best/thresholds.json", "results.json"].map {
      try bytes("\(run)/\($0)")
    }
  }
}

/// The object that a JSON text holds.
func object(_ text: String) throws -> [String: Any] {
  let value = try JSONSerialization.jsonObject(with: Data(text.utf8))
  return try #require(value as? [String: Any], "no object: \(text.prefix(100))")
}

/// The tensors of a safetensors file, as bytes.
func tensors(_ file: Data) throws -> [String: Data] {
  let length = file.prefix(8).enumerated().reduce(0) { $0 + Int($1.element) << (8 * $1.offset) }
  let header = try object(String(decoding: file[8..<8 + length], as: UTF8.self))
  var tensors: [String: Data] = [:]
  for (name, entry) in header {
    guard let entry = entry as? [String: Any], let place = entry["data_offsets"] as? [Int] else {
      continue
    }
    tensors[name] = Data(file[8 + length + place[0]..<8 + length + place[1]])
  }
  return tensors
}
