// The bins of a histogram that hold anything, as the calibration of scores goes through them.

/// The non-empty bins of all labels in some folds, label by label.
struct ScoreCells {
  /// A bin of a label.
  struct Cell {
    let bin: Int32
    /// Rows whose logit lies in the bin, and how many of them have the label.
    let rows, positives: UInt32
  }

  /// All cells, lowest bin first within a label.
  private var all: [Cell] = []
  /// Where each label's cells begin, `[L + 1]`.
  private var starts = [0]

  init(_ histogram: ScoreHistogram, folds: [Int]) {
    starts.reserveCapacity(histogram.labels + 1)
    for label in 0..<histogram.labels {
      let counts = histogram.counts(label: label, folds: folds)
      for bin in counts.all.indices where counts.all[bin] > 0 {
        all.append(
          Cell(
            bin: Int32(bin), rows: UInt32(counts.all[bin]), positives: UInt32(counts.positives[bin])
          ))
      }
      starts.append(all.count)
    }
  }

  /// Number of labels, L.
  var labels: Int { starts.count - 1 }

  /// A label's cells.
  subscript(label: Int) -> ArraySlice<Cell> { all[starts[label]..<starts[label + 1]] }
}
