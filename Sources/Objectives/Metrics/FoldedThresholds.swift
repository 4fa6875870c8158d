import Kernels
import Memory

/// Thresholds as kernels read them, a set for each fold of the rows.
struct FoldedThresholds {
  /// Number of labels, L.
  let labels: Int
  private let lanes: [Vector<Float>]

  /// Labels that each row is given, whatever the thresholds; nil where these decide.
  private let topK: Int?

  init(_ folds: [Thresholds], topK: Int? = nil) {
    precondition(!folds.isEmpty && folds.allSatisfy { $0.labels == folds[0].labels })
    labels = folds[0].labels
    self.topK = topK
    lanes = folds.map { laneVector($0.logits, padding: .infinity) }
  }

  /// Those of the row at `index` of the data: fold index mod folds, as `ScoreHistogram` deals them.
  /// Of the most probable labels alone every logit is high enough.
  func row(_ index: Int, of logits: Vector<Float>) -> Vector<Float> {
    guard let topK else { return lanes[index % lanes.count] }
    let bounds = Vector<Float>(zeros: paddedCount(labels))
    bounds.fill(.infinity)
    for label in largestIndices(row: logits, k: topK) { bounds[Int(label)] = -.infinity }
    return bounds
  }
}
