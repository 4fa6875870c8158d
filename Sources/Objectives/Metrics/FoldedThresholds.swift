import Kernels
import Memory

/// Thresholds as kernels read them, a set for each fold of the rows.
struct FoldedThresholds {
  /// Number of labels, L.
  let labels: Int
  private let lanes: [Vector<Float>]

  init(_ folds: [Thresholds]) {
    precondition(!folds.isEmpty && folds.allSatisfy { $0.labels == folds[0].labels })
    labels = folds[0].labels
    lanes = folds.map { laneVector($0.logits, padding: .infinity) }
  }

  /// Those of the row at `index` of the data: fold index mod folds, as `ScoreHistogram` deals them.
  func row(_ index: Int) -> Vector<Float> { lanes[index % lanes.count] }
}
