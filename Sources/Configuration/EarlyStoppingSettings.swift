import Objectives
import Storage

/// The section `early_stopping`: which model is the best, and when to give up. `null` in its place
/// keeps the best model and never stops early.
public struct EarlyStoppingSettings: Sendable, Equatable {
  /// A metric of the evaluation; the file may give it with the prefix `eval_`.
  public var metricForBestModel = MetricName.microF1.by(.global)
  /// Whether a greater value is a better one. If the file does not say, the metric's name does.
  public var greaterIsBetter = true
  /// The run stops after so many evaluations in a row without a better value; nil never stops.
  public var patience: Int? = 3
  /// A value is better only if it is better by more than this.
  public var threshold = 0.0

  /// The defaults.
  public init() {}

  /// Throws unless the metric is among `metrics`, which the evaluation gives. Only the evaluation
  /// knows them, because some depend on `top_k`.
  public func check(metrics: [MetricName]) throws(ConfigurationError) {
    guard !metrics.contains(metricForBestModel) else { return }
    let offered = HuggingFaceMetricName.offered(for: metricForBestModel, among: metrics)
    let names = offered.map { "\"\($0)\"" }
    let list = names.dropLast().joined(separator: ", ")
    let question = "did you mean \(list.isEmpty ? "" : "\(list) or ")\(names.last ?? "")?"
    throw .invalid(
      source: "configuration",
      problems: [
        ConfigurationProblem(
          key: "early_stopping.metric_for_best_model",
          message: "no evaluation gives \"\(metricForBestModel)\""
            + (names.isEmpty ? "" : "; \(question)"))
      ])
  }
}

extension EarlyStoppingSettings: Settings {
  static let keys: [SettingsKey<Self>] = [
    // The best value in a checkpoint is one of this metric: another one cannot be compared with it.
    SettingsKey("metric_for_best_model", \.metricForBestModel, .metric)
      .means("The metric of the validation rows by which the best model is chosen."),
    SettingsKey("greater_is_better", \.greaterIsBetter, .flag)
      .means("Whether a greater value is a better one."),
    SettingsKey("patience", \.patience, orNull: .integer(.atLeast(1)), onResume: .harmless)
      .means("The run stops after so many evaluations without a better value."),
    SettingsKey("threshold", \.threshold, .number(.atLeast(0)), onResume: .harmless)
      .means("A value is better only if it is better by more than this."),
  ]

  static var null: Self? {
    var settings = Self()
    settings.patience = nil
    return settings
  }

  mutating func finish(_ reader: SettingsReader) {
    let lesserIsBetter = !metricForBestModel.greaterIsBetter
    guard reader.isGiven("greater_is_better") else {
      greaterIsBetter = !lesserIsBetter
      return
    }
    // The wrong direction would keep the worst model, and nobody would see it.
    if greaterIsBetter == lesserIsBetter {
      reader.report(
        "greater_is_better",
        """
        of \(metricForBestModel) the \(lesserIsBetter ? "lesser" : "greater") value is the better \
        one; set it to \(!lesserIsBetter), or leave it out
        """)
    }
  }
}

extension SettingForm<MetricName> {
  fileprivate static var metric: Self {
    let text = SettingForm<String>.text("a metric's name")
    return SettingForm(
      wanted: text.wanted, schema: text.schema,
      read: { json, reader in text.read(json, reader).map { MetricName(parsing: $0) } },
      write: { .string($0.description) })
  }
}
