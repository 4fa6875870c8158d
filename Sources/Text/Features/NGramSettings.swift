/// Which n-grams of a text are features, and what a feature's value is. The names in scikit-learn's
/// `TfidfVectorizer` stand in parentheses.
public struct NGramSettings: Sendable, Equatable {
  /// How many words a word n-gram has (`ngram_range` of the analyzer `word`).
  public var wordNGrams: ClosedRange<Int> = 1...2
  /// How many characters a character n-gram has (`ngram_range` of the analyzer `char_wb`); nil for
  /// no character n-grams.
  public var characterNGrams: ClosedRange<Int>? = nil
  /// Whether an n-gram that occurs tf times in a text counts 1 + ln tf instead of tf
  /// (`sublinear_tf`).
  public var sublinear = true
  /// N-grams in fewer texts are no features (`min_df`).
  public var minimumDocumentFrequency = 2
  /// So many features at most, those in the most texts; nil for all. (`max_features` takes those
  /// that occur most often instead.)
  public var maximumFeatures: Int? = nil

  /// Words and pairs of words that two texts have at least.
  public init() {}

  /// The longest n-grams that can be asked for, in words or characters.
  public static let longestNGram = 64

  /// What cannot be used, for a message; nil if all is well.
  public var problem: String? {
    for (range, name) in [(wordNGrams, "word"), (characterNGrams ?? 1...1, "character")]
    where range.lowerBound < 1 || range.upperBound > Self.longestNGram {
      return "\(name) n-grams must have 1 to \(Self.longestNGram) \(name)s, not "
        + "\(range.lowerBound) to \(range.upperBound)"
    }
    if minimumDocumentFrequency < 1 { return "the minimum document frequency must be 1 at least" }
    if let maximumFeatures, maximumFeatures < 1 {
      return "the number of features must be 1 at least"
    }
    return nil
  }

  /// A text that differs wherever two settings give other features.
  public var identity: String {
    "n-grams \(Self.rules), " + fields.map { "\($0): \($1)" }.joined(separator: ", ")
  }

  /// The version of this program's own rules, part of every fingerprint.
  static let rules = 1

  /// The settings by their names in files.
  var fields: [(key: String, value: String)] {
    let characters = characterNGrams.map { "\($0.lowerBound)-\($0.upperBound)" }
    return [
      ("words", "\(wordNGrams.lowerBound)-\(wordNGrams.upperBound)"),
      ("characters", characters ?? "none"),
      ("sublinear", "\(sublinear)"),
      ("minimum_document_frequency", "\(minimumDocumentFrequency)"),
      ("maximum_features", maximumFeatures.map(String.init) ?? "none"),
    ]
  }

  /// Sets the field that a file calls `key`; false if the value cannot be read.
  mutating func set(_ key: String, to value: String) -> Bool {
    switch key {
    case "words":
      guard let range = Self.range(value) else { return false }
      wordNGrams = range
    case "characters":
      characterNGrams = Self.range(value)
      return characterNGrams != nil || value == "none"
    case "sublinear":
      sublinear = value == "true"
      return sublinear || value == "false"
    case "minimum_document_frequency":
      guard let number = Int(value) else { return false }
      minimumDocumentFrequency = number
    default:
      maximumFeatures = Int(value)
      return maximumFeatures != nil || value == "none"
    }
    return true
  }

  private static func range(_ text: String) -> ClosedRange<Int>? {
    let bounds = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
    guard bounds.count == 2, let lower = bounds[0], let upper = bounds[1], lower <= upper else {
      return nil
    }
    return lower...upper
  }
}
