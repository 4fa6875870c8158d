/// From which thresholds the decisions come that a metric is of.
public enum ThresholdKind: String, Sendable, CaseIterable {
  /// 0.5 for every label. Metrics without decisions have this kind too.
  case half = ""
  /// One threshold for all labels, tuned on validation.
  case global = "_global"
  /// A threshold for each label, tuned on validation.
  case perLabel = "_per_label"
  /// Those of the model's `thresholds.json`.
  case saved = "_saved"
}

/// What a figure measures: `micro_f1_global` is the measure `micro_f1` of decisions by the global
/// threshold, `precision_at_5` the measure `precision_at` with k = 5.
public struct MetricName: Hashable, Sendable, CustomStringConvertible {
  /// The measure alone.
  public let measure: String
  /// How many of the highest-ranked labels count, for measures of them.
  public let k: Int?
  /// What the decisions were made by.
  public let thresholds: ThresholdKind

  /// The name of a measure.
  public init(_ measure: String, at k: Int? = nil, by thresholds: ThresholdKind = .half) {
    self.measure = measure
    self.k = k
    self.thresholds = thresholds
  }

  /// The name as results.json has it.
  public var description: String {
    measure + (k.map { "_\($0)" } ?? "") + thresholds.rawValue
  }

  /// The name as a key of metrics.jsonl, where other numbers stand beside the metrics.
  public var logKey: String { Self.logPrefix + description }

  private static let logPrefix = "eval_"

  /// The metric of a key of metrics.jsonl; nil where the key is not one of a metric.
  public init?(logKey: String) {
    guard logKey.hasPrefix(Self.logPrefix) else { return nil }
    self.init(parsing: logKey)
  }

  /// Whether a greater value is a better one.
  public var greaterIsBetter: Bool { !["loss", "error"].contains { measure.hasSuffix($0) } }

  /// Whether `value` is better than `other`.
  public func isBetter(_ value: Double, than other: Double) -> Bool {
    greaterIsBetter ? value > other : value < other
  }

  /// The same measure, of decisions by other thresholds.
  public func by(_ thresholds: ThresholdKind) -> MetricName {
    MetricName(measure, at: k, by: thresholds)
  }
}

extension MetricName: ExpressibleByStringLiteral {
  /// A name as results.json has it.
  public init(stringLiteral text: String) { self.init(parsing: text) }

  /// Reads a name as users, results.json and metrics.jsonl write it. Whether an evaluation gives
  /// such a metric is not checked. Names of version 0.1 are read as their present ones.
  public init(parsing text: String) {
    var rest = Substring(text)
    if rest.hasPrefix(Self.logPrefix) { rest.removeFirst(Self.logPrefix.count) }
    var kind = ThresholdKind.half
    let suffixes = ThresholdKind.allCases.dropFirst().map { ($0.rawValue, $0) }
    for (suffix, named) in suffixes + Self.oldSuffixes where rest.hasSuffix(suffix) {
      rest.removeLast(suffix.count)
      kind = named
      break
    }
    let measure = String(rest)
    if let end = rest.lastIndex(of: "_"), let k = Int(rest[rest.index(after: end)...]) {
      self.init(String(rest[..<end]), at: k, by: kind)
    } else {
      self.init(Self.oldMeasures[measure] ?? measure, by: kind)
    }
  }

  private static let oldSuffixes = [("_tuned", ThresholdKind.global), ("_fixed", .saved)]

  private static let oldMeasures = [
    "head_f1": "frequent_f1", "mid_f1": "medium_f1", "tail_f1": "rare_f1",
    "constant_micro_f1": "baseline_micro_f1",
  ]
}

extension MetricName {
  /// The mean loss over rows and labels.
  public static let loss = MetricName("loss")
  /// F1 of all decisions together, at 0.5.
  public static let microF1 = MetricName("micro_f1")
  /// The mean of the labels' F1, at 0.5.
  public static let macroF1 = MetricName("macro_f1")
  /// The mean of the rows' F1, at 0.5.
  public static let samplesF1 = MetricName("samples_f1")
  /// Micro-F1 of the same labels for every row.
  public static let baselineMicroF1 = MetricName("baseline_micro_f1")

  /// The share of true labels among the k highest-ranked.
  public static func precision(at k: Int) -> MetricName { MetricName("precision_at", at: k) }
}
