/// All logits of an evaluation together, counted in bins of 1/32 between −16 and 16. The outermost
/// bins hold what lies beyond, too.
public struct ScoreCurve: Sendable, Equatable {
  /// Number of bins.
  public static let bins = 1_024
  private static let binsPerUnit = 32

  /// How many logits lie in each bin, lowest first.
  public let scores: [Int]
  /// How many of them are of true labels.
  public let positives: [Int]

  /// The counts of all bins.
  public init(scores: [Int], positives: [Int]) {
    precondition(scores.count == Self.bins && positives.count == Self.bins)
    (self.scores, self.positives) = (scores, positives)
  }

  /// The logit at which a bin begins.
  public static func edge(_ bin: Int) -> Double {
    Double(bin - bins / 2) / Double(binsPerUnit)
  }

  /// The bin that a logit lies in.
  public static func bin(_ logit: Double) -> Int {
    let place = (logit * Double(binsPerUnit)).rounded(.down) + Double(bins / 2)
    return Int(min(max(place, 0), Double(bins - 1)))
  }

  /// The probability σ(x) of the logit in the middle of a bin.
  public static func probability(_ bin: Int) -> Double {
    sigmoid(edge(bin) + 0.5 / Double(binsPerUnit))
  }
}

extension ScoreHistogram {
  /// The logits of all labels together.
  public var curve: ScoreCurve {
    let fine = fineCounts
    let width = Self.fineBins / ScoreCurve.bins
    func sums(_ counts: [Int]) -> [Int] {
      (0..<ScoreCurve.bins).map { counts[$0 * width..<($0 + 1) * width].reduce(0, +) }
    }
    return ScoreCurve(scores: sums(fine.all), positives: sums(fine.positives))
  }
}
