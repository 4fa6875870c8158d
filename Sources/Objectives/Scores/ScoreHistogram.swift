import Kernels
import Memory

/// Logits counted in bins, from which thresholds are tuned and average precision is computed.
///
/// Two resolutions over [-16, 16): one fine histogram of all labels together, 2^16 bins of 2^-11,
/// and a coarse one for each label and fold, up to 512 bins of 2^-4. Edges are exact: bin b holds
/// edge(b) <= x < edge(b + 1), and the outermost bins also what lies beyond. Row i belongs to
/// fold i mod `folds`.
public final class ScoreHistogram {
  /// The largest number of counters that all labels and folds together may take (256 MB).
  private static let counterBudget = 1 << 26
  private static let halfRange = 16
  static let fineBins = 1 << 16

  /// Positives in the training data, of each label, `[L]`.
  let trainingPositives: [Int]
  /// Number of labels, L.
  public var labels: Int { trainingPositives.count }
  /// Into how many parts the rows are divided.
  public let folds: Int
  /// Bins of each label: a power of two, 512 or fewer where there are many labels.
  public let bins: Int
  private let all: [Vector<UInt32>]
  private let positive: [Vector<UInt32>]
  private let fineAll = Vector<Int64>(zeros: ScoreHistogram.fineBins)
  private let finePositive = Vector<Int64>(zeros: ScoreHistogram.fineBins)

  /// An empty histogram. Without `folds` there are four, or two for more than 16,384 labels.
  public init(_ counts: TrainingCounts, folds: Int? = nil) {
    trainingPositives = counts.positives
    let labels = counts.labels
    let folds = folds ?? Self.usualFolds(labels: labels)
    precondition(folds > 0)
    self.folds = folds
    bins = Self.usualBins(labels: labels, folds: folds)
    // One piece of memory: rows touch every label's bins, and large pages keep that cheap.
    let size = labels * bins
    let counters = Vector<UInt32>(zeros: 2 * folds * size)
    all = (0..<folds).map { counters[$0 * size..<($0 + 1) * size] }
    positive = (folds..<2 * folds).map { counters[$0 * size..<($0 + 1) * size] }
  }

  private static func usualFolds(labels: Int) -> Int { labels <= 16_384 ? 4 : 2 }

  private static func usualBins(labels: Int, folds: Int) -> Int {
    var bins = 512
    while bins > 16, 2 * labels * bins * folds > counterBudget { bins /= 2 }
    return bins
  }

  /// Bytes of all counters, and of the largest vector of them.
  static func byteCount(labels: Int) -> (counters: Int, piece: Int) {
    let folds = usualFolds(labels: labels)
    let piece = labels * usualBins(labels: labels, folds: folds) * MemoryLayout<UInt32>.size
    let fine = fineBins * MemoryLayout<Int64>.size
    return (2 * folds * piece + 2 * fine, max(piece, fine))
  }

  /// Adds the known cells of a row of finite logits `[L]`; `index` is its place in the data and
  /// gives the fold.
  func add(row: Vector<Float>, _ targets: RowTargets, index: Int) {
    let fold = index % folds
    let counters = ScoreCounters(
      coarse: all[fold], bins: bins, perUnit: perUnit, fine: fineAll,
      finePerUnit: Self.finePerUnit)
    counters.add(row: row)
    counters.subtract(labels: targets.unknown, ofRow: row)
    for label in targets.positives.lazy.map(Int.init) {
      let x = row[label]
      let bin = scoreBin(x, bins: bins, binsPerUnit: perUnit)
      positive[fold][label * bins + bin] += 1
      finePositive[scoreBin(x, bins: Self.fineBins, binsPerUnit: Self.finePerUnit)] += 1
    }
  }

  private var perUnit: Float { Float(bins) / Float(2 * Self.halfRange) }
  private static let finePerUnit = Float(fineBins / (2 * halfRange))

  /// The logit at which a label's bin begins.
  func edge(_ bin: Int) -> Double { Double(bin - bins / 2) / Double(perUnit) }

  /// The logit in the middle of a label's bin.
  func middle(_ bin: Int) -> Double { edge(bin) + 0.5 / Double(perUnit) }

  /// The logit at which a bin of all labels together begins.
  static func fineEdge(_ bin: Int) -> Double {
    Double(bin - fineBins / 2) / Double(finePerUnit)
  }

  /// The label's bin that `logit` lies in.
  func bin(_ logit: Double) -> Int {
    let place = (logit * Double(perUnit)).rounded(.down) + Double(bins / 2)
    return Int(min(max(place, 0), Double(bins - 1)))
  }

  /// The label's bin whose edge lies nearest to `logit`.
  func nearestBin(_ logit: Double) -> Int {
    let place = (logit * Double(perUnit)).rounded() + Double(bins / 2)
    return Int(min(max(place, 1), Double(bins - 1)))
  }

  /// A label's bins in one fold.
  func counts(label: Int, fold: Int) -> BinCounts {
    let range = label * bins..<(label + 1) * bins
    return BinCounts(
      all: all[fold][range].array.map(Int.init),
      positives: positive[fold][range].array.map(Int.init))
  }

  /// A label's bins in all folds.
  func counts(label: Int) -> BinCounts { counts(label: label, folds: Array(0..<folds)) }

  /// A label's bins in some folds, one at least.
  func counts(label: Int, folds: [Int]) -> BinCounts {
    folds.dropFirst().reduce(into: counts(label: label, fold: folds[0])) {
      $0.add(counts(label: label, fold: $1))
    }
  }

  /// The fine bins of all labels together.
  var fineCounts: BinCounts {
    BinCounts(all: fineAll.array.map(Int.init), positives: finePositive.array.map(Int.init))
  }

  /// The counters, to be merged one piece after the other: together they may be large.
  var pieces: [any MergeableState] {
    (all + positive).flatMap(PackedCounters.pieces)
      + [fineAll, finePositive].map(WideCounters.init)
  }
}
