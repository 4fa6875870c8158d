import Objectives
import Reporting
import Storage

/// When something that recurs is done: `eval_strategy` and `save_strategy`.
public enum IntervalStrategy: String, Sendable, CaseIterable {
  /// After each epoch.
  case epoch
  /// After each so many steps.
  case steps
  /// Never.
  case no
}

/// The section `evaluation`: when the validation rows are evaluated, and what for.
public struct EvaluationSettings: Sendable, Equatable {
  /// Where `predict` takes its decision thresholds from.
  public enum Threshold: Sendable, Equatable {
    /// This probability, for all labels.
    case fixed(Double)
    /// One probability for all labels, tuned on validation for micro-F1.
    case global
    /// A probability for each label, tuned on validation.
    case perLabel
    /// One probability for all labels, tuned on validation to have a precision or a recall.
    case goal(ThresholdGoal)
    /// For each row its most probable labels, so many.
    case topK(Int)

    /// The decisions of an evaluation that are by this choice.
    public var kind: ThresholdKind {
      switch self {
      case .fixed, .goal, .topK: .saved
      case .global: .global
      case .perLabel: .perLabel
      }
    }
  }

  /// When the validation rows are evaluated.
  public var strategy = IntervalStrategy.epoch
  /// Steps between two evaluations, if `strategy` is `steps`.
  public var steps: Int?
  /// Where `predict` takes its decision thresholds from.
  public var threshold = Threshold.global
  /// The k of precision, recall and nDCG at k.
  public var topK = [1, 3, 5]
  /// Most tokens of a piece of an evaluation; a longer row is a piece by itself. Bounds the memory.
  public var batchTokens = 4_096

  /// Whether micro- and macro-F1 get 95 % confidence intervals in the final results.
  public var confidenceIntervals = true

  /// Whether the report at the end may show texts of validation and test rows.
  public var reportExamples = true

  /// The defaults.
  public init() {}
}

extension EvaluationSettings: Settings {
  // When and how the model is looked at changes no step; the best value so far keeps its meaning.
  static let keys: [SettingsKey<Self>] = [
    SettingsKey("eval_strategy", \.strategy, .choice, onResume: .harmless)
      .means("When the validation rows are evaluated."),
    SettingsKey("eval_steps", \.steps, orNull: .integer(.atLeast(1)), onResume: .harmless)
      .means("Steps between two evaluations, for eval_strategy \"steps\"."),
    SettingsKey("threshold", \.threshold, .threshold, onResume: .harmless)
      .means("By what predict decides which labels a row is given."),
    SettingsKey("top_k", \.topK, .ranks, onResume: .harmless)
      .means("The k of precision, recall, F1 and NDCG at k."),
    SettingsKey("eval_batch_tokens", \.batchTokens, .integer(.atLeast(1)), onResume: .harmless)
      .means("Tokens that are evaluated at once."),
    SettingsKey(
      "confidence_intervals", \.confidenceIntervals, .flagOrSamples, onResume: .harmless
    )
    .means("Whether micro- and macro-F1 get 95 % intervals at the end."),
    SettingsKey("report_examples", \.reportExamples, .flag, onResume: .harmless)
      .means("Whether the report may show texts of rows."),
  ]

  mutating func finish(_ reader: SettingsReader) {
    if strategy == .steps, steps == nil {
      reader.report("eval_steps", "is missing; eval_strategy \"steps\" needs it")
    }
  }
}

extension SettingForm<[Int]> {
  fileprivate static var ranks: Self {
    SettingForm(
      wanted: "a list of different whole numbers from 1 to 100000, such as [1, 3, 5]",
      schema: [
        "type": "array", "minItems": 1, "uniqueItems": true,
        "items": .object(Bounds<Int>.atLeast(1).atMost(100_000).schema("integer")),
      ],
      read: { json, reader in
        guard let array = json.array, !array.isEmpty else { return nil }
        let form = SettingForm<Int>.integer(.atLeast(1).atMost(100_000))
        let numbers = array.compactMap { form.read($0, reader) }
        guard numbers.count == array.count, Set(numbers).count == numbers.count else { return nil }
        return numbers
      },
      write: { .array($0.map { .integer($0) }) })
  }
}

extension SettingForm<Bool> {
  /// True or false. Version 0.1 gave a number of resamples, where 0 meant none.
  fileprivate static var flagOrSamples: Self {
    SettingForm(
      wanted: "true or false", schema: ["type": ["boolean", "integer"]],
      read: { json, _ in
        switch json {
        case .bool(let flag): flag
        case .integer(let samples): samples >= 0 ? samples > 0 : nil
        default: nil
        }
      },
      write: { .bool($0) })
  }
}
