import Models
import Storage
import Text

/// The sections `model.linear` and `model.tfidf`: the TF-IDF features, and how their
/// weights are trained.
public struct LinearSettings: Sendable, Equatable {
  /// Which n-grams are features, and what their values are.
  public var ngrams = NGramSettings()
  /// η of the gradient descent on a label's mean loss over the rows, times the schedule's factor;
  /// nil until `complete` finds what suits the loss.
  public var learningRate: Double?
  /// λ: a label's loss is its mean over the rows plus λ/2 · the sum of its weights'
  /// squares; nil likewise.
  public var regularization: Double?
  /// Weights of a smaller absolute value are zero in evaluations and in saved models; nil likewise.
  public var cutoff: Double?

  /// The defaults.
  public init() {}
}

extension LinearSettings: Settings {
  static let keys: [SettingsKey<Self>] = [
    SettingsKey("word_ngrams", \.ngrams.wordNGrams, .lengths)
      .means("The shortest and the longest word n-grams that are features."),
    SettingsKey("char_ngrams", \.ngrams.characterNGrams, orNull: .lengths)
      .means("The same of character n-grams."),
    SettingsKey("sublinear_tf", \.ngrams.sublinear, .flag)
      .means("Whether a count c becomes 1 + ln c."),
    SettingsKey("min_df", \.ngrams.minimumDocumentFrequency, .integer(.atLeast(1)))
      .means("N-grams of fewer training rows are no features."),
    SettingsKey("max_features", \.ngrams.maximumFeatures, orNull: .integer(.atLeast(1)))
      .means("The most frequent n-grams that are features."),
    SettingsKey("learning_rate", \.learningRate, orNull: .number(.above(0)))
      .means("The learning rate of the weights of features."),
    SettingsKey("l2", \.regularization, orNull: .number(.atLeast(0)))
      .means("The weight of the L2 regularization."),
    SettingsKey("weight_cutoff", \.cutoff, orNull: .number(.atLeast(0)))
      .means("Smaller weights are 0 in evaluations and in saved models."),
  ]
}

extension LinearSettings {
  /// Fills in what the file leaves to the loss. The squared hinge is 8 times as curved as the
  /// logistic loss at most, so its steps are shorter and its regularization stronger by about as
  /// much; weights grow with its margin, and the cut-off with them.
  mutating func complete(loss: LossSettings, _ reader: SettingsReader, key: String) {
    let isHinge = loss.type == "squared_hinge"
    let rate = learningRate ?? (isHinge ? 20 : 200)
    let weight = regularization ?? (isHinge ? 2e-5 : 2e-6)
    (learningRate, regularization) = (rate, weight)
    cutoff = cutoff ?? (isHinge ? 0.05 * (loss.options["margin"] ?? 1) : 0.1)
    guard rate * weight >= 1 else { return }
    reader.report(
      "\(key).l2",
      "times learning_rate is \(rate * weight): a step would turn the weights' signs; the product "
        + "must be below 1")
  }

  /// η, λ and the cut-off; complete.
  package var rates: LinearRates {
    guard let learningRate, let regularization, let cutoff else {
      preconditionFailure("the settings are not complete")
    }
    return LinearRates(
      learning: learningRate, regularization: regularization, cutoff: cutoff)
  }
}

extension SettingForm<ClosedRange<Int>> {
  /// The shortest and the longest n-grams.
  fileprivate static var lengths: Self {
    SettingForm(
      wanted: "two whole numbers from 1 to \(NGramSettings.longestNGram), [shortest, longest]",
      schema: [
        "type": "array", "minItems": 2, "maxItems": 2,
        "items": .object(
          Bounds<Int>.atLeast(1).atMost(NGramSettings.longestNGram).schema("integer")),
      ],
      read: { json, _ in
        guard let numbers = json.array?.compactMap(\.integer), numbers.count == 2,
          json.array?.count == 2, (1...NGramSettings.longestNGram).contains(numbers[0]),
          (numbers[0]...NGramSettings.longestNGram).contains(numbers[1])
        else { return nil }
        return numbers[0]...numbers[1]
      },
      write: { [.integer($0.lowerBound), .integer($0.upperBound)] })
  }
}

extension SettingForm<LinearSettings?> {
  /// The section of a linear part beside a BERT: `true` for its defaults, `false` for none.
  static var tfidf: Self {
    let section = SettingForm<LinearSettings>.linear
    return SettingForm(
      wanted: "true, false or \(section.wanted)", inner: section.inner,
      schema: ["anyOf": [["type": ["boolean", "null"]], .object(section.schema)]],
      read: { json, reader in
        switch json {
        case .null, .bool(false): .some(nil)
        case .bool(true): .some(reader.section(LinearSettings.self, from: .object(JSONObject())))
        default: section.read(json, reader).map(Optional.some)
        }
      },
      write: { $0.map(section.write) ?? .bool(false) })
  }
}

extension SettingForm<LinearSettings> {
  /// A section.
  static var linear: Self {
    SettingForm(
      wanted: "an object with keys", inner: LinearSettings.paths, schema: LinearSettings.schema,
      read: { json, reader in reader.section(LinearSettings.self, from: json) },
      write: { $0.json })
  }
}
