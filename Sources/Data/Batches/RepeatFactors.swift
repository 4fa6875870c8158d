/// Repeat-factor sampling: rows with rare labels are taken more often. Gupta, Dollár, Girshick,
/// "LVIS: A Dataset for Large Vocabulary Instance Segmentation" (2019), section 4.1.
///
/// With f(l) the share of the rows that have label l, among those of which it is known, r(l) =
/// max(1, √(t / f(l))) for a threshold t, and a row's factor is the largest r of its labels, 1 for
/// a row without labels. In each epoch a row is taken ⌊r⌋ or ⌈r⌉ times, r times on average.
public struct RepeatFactors: Sendable {
  /// r of each row.
  public let factors: [Double]
  /// Rows of every epoch: Σ r, rounded. The same for all epochs, so that the schedule knows its
  /// steps.
  public let rowsPerEpoch: Int
  private let seed: UInt64

  /// The factors of a data set's rows for the threshold t.
  public init(_ dataset: Dataset, threshold: Double, seed: UInt64) {
    let counts = LabelCounts(dataset)
    let ofLabels = counts.positives.enumerated().map { label, positives in
      let share = Double(max(positives, 1)) / Double(max(counts.known(label), 1))
      return max(1, (threshold / share).squareRoot())
    }
    self.init(
      factors: (0..<dataset.rowCount).map { row in
        dataset.labelIndices(row).reduce(1) { max($0, ofLabels[Int($1)]) }
      }, seed: seed)
  }

  /// Rows with these factors, each at least 1.
  public init(factors: [Double], seed: UInt64) {
    self.factors = factors
    self.seed = seed
    rowsPerEpoch = Int(factors.reduce(0, +).rounded())
  }

  /// The rows of an epoch, with repetitions, in no order that matters.
  ///
  /// Whole parts are taken as they are. Fractional parts are rounded by systematic sampling: laid
  /// end to end in an order shuffled by seed and epoch and scaled to a whole sum, and each whole
  /// number, moved by one random offset, takes the row in whose stretch it falls.
  public func rows(epoch: Int) -> [Int] {
    var rows: [Int] = []
    rows.reserveCapacity(rowsPerEpoch)
    for (row, factor) in factors.enumerated() {
      for _ in 0..<Int(factor) { rows.append(row) }
    }
    let extra = rowsPerEpoch - rows.count
    guard extra > 0 else { return rows }
    let candidates = shuffledCandidates(epoch)
    let total = candidates.reduce(0) { $0 + fraction($1) }
    var stream = SplitMix64(
      seed: seed, stream: RandomStream.repeatOffset, index: UInt64(epoch))
    let offset = Double(stream.next() >> 11) * 0x1p-53
    var (sum, taken) = (0.0, 0)
    for (place, row) in candidates.enumerated() {
      sum += fraction(row)
      // Rounding must not take or leave a row at the end.
      let reached =
        place + 1 == candidates.count
        ? extra : min(extra, Int(sum / total * Double(extra) + offset))
      for _ in taken..<reached { rows.append(row) }
      taken = max(taken, reached)
    }
    return rows
  }

  private func shuffledCandidates(_ epoch: Int) -> [Int] {
    var candidates = factors.indices.filter { fraction($0) > 0 }
    var stream = SplitMix64(seed: seed, stream: RandomStream.repeatOrder, index: UInt64(epoch))
    for last in stride(from: candidates.count - 1, to: 0, by: -1) {
      candidates.swapAt(last, Int(stream.next(below: UInt64(last + 1))))
    }
    return candidates
  }

  private func fraction(_ row: Int) -> Double { factors[row] - factors[row].rounded(.down) }
}
