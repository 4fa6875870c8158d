// The forms of `evaluation.threshold`.

import Objectives
import Storage

extension SettingForm<EvaluationSettings.Threshold> {
  static var threshold: Self {
    SettingForm(
      wanted:
        "\"global\", \"per_label\", {\"precision\": 0.8}, {\"recall\": 0.9}, {\"top_k\": 5} or a number "
        + "greater than 0 and less than 1 (a probability)",
      schema: [
        "anyOf": [
          ["enum": ["global", "per_label"]],
          .object(Bounds<Double>.above(0).below(1).schema("number")),
          rule("precision", share, "what is reached on the validation rows"),
          rule("recall", share, "what is reached on the validation rows"),
          rule(
            "top_k", Bounds<Int>.atLeast(1).atMost(100_000).schema("integer"),
            "labels that each row is given"),
        ]
      ],
      read: { json, _ in
        switch json {
        case "global": .global
        case "per_label": .perLabel
        case .integer, .double:
          json.number.flatMap { $0 > 0 && $0 < 1 ? .fixed($0) : nil }
        case .object(let rule) where rule.count == 1: threshold(rule)
        default: nil
        }
      },
      write: { $0.json })
  }

  private static var share: JSONObject { Bounds<Double>.above(0).atMost(1).schema("number") }

  private static func rule(_ key: String, _ value: JSONObject, _ meaning: String) -> JSONValue {
    var value = value
    value["description"] = .string("\(key): \(meaning).")
    return .object([
      "type": "object", "properties": .object([key: .object(value)]),
      "required": [.string(key)], "additionalProperties": false,
    ])
  }

  private static func threshold(_ rule: JSONObject) -> EvaluationSettings.Threshold? {
    func share(_ key: String) -> Double? {
      rule[key]?.number.flatMap { $0 > 0 && $0 <= 1 ? $0 : nil }
    }
    if let value = share("precision") { return .goal(.precision(value)) }
    if let value = share("recall") { return .goal(.recall(value)) }
    return rule["top_k"]?.integer.flatMap { (1...100_000).contains($0) ? .topK($0) : nil }
  }
}

extension EvaluationSettings.Threshold {
  /// The value of the key `threshold`.
  public var json: JSONValue {
    switch self {
    case .fixed(let probability): .double(probability)
    case .global: "global"
    case .perLabel: "per_label"
    case .goal(.precision(let value)): ["precision": .double(value)]
    case .goal(.recall(let value)): ["recall": .double(value)]
    case .topK(let count): ["top_k": .integer(count)]
    }
  }
}
