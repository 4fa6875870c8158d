// Which rows a loss or gradient that is not finite comes from. Looked for only once there is one:
// the microbatches of the step are run again, each alone. The same random numbers give
// the same values.

import Data
import Kernels
import Memory
import Models

/// Something in a microbatch that is not finite.
struct NonFiniteReport: Equatable {
  /// What is not finite.
  enum Value: Equatable {
    case loss
    /// The gradient of the bucket that begins with this parameter.
    case gradient(of: String)
  }

  /// The microbatch's place among those of this rank's step.
  let place: Int
  let value: Value
  /// The rows, as indices in the training data: those with such a loss, or all of the microbatch.
  let rows: [Int]
}

extension NonFiniteReport {
  /// The rows of a microbatch whose losses are not finite; nil without such.
  init?(place: Int, _ batch: Batch, _ losses: [Double]) {
    let rows = losses.indices.filter { !losses[$0].isFinite }.map { batch.rows[$0] }
    guard !rows.isEmpty else { return nil }
    self.init(place: place, value: .loss, rows: rows)
  }
}

extension GradientComputation {
  /// What is not finite in each of the microbatches that has anything such, without any exchange.
  /// The gradient of the embeddings, which follows from that of the lowest layer, is left out.
  func reports(in step: StepBatch, at key: RandomKey) -> [NonFiniteReport] {
    // The logits of a sharded part come from all ranks, and are not computed again.
    guard lossReports.isEmpty else { return lossReports }
    return step.microbatches.enumerated().compactMap { place, batch in
      workspace.reset()
      let pass = model.forward(batch, at: key, in: workspace)
      let losses = lossGradient(of: pass, batch, scale: scale(of: step))
      if let report = NonFiniteReport(place: place, batch, losses) { return report }
      return firstBadGradient(pass).map {
        NonFiniteReport(place: place, value: .gradient(of: $0), rows: batch.rows)
      }
    }
  }

  /// The first parameter of the highest bucket whose gradient is not finite.
  private func firstBadGradient(_ pass: Model.Pass) -> String? {
    let layout = model.layout
    for bucket in layout.trainedBuckets.reversed() where bucket != table?.bucket {
      let gradient = Vector<Float>(zeros: layout.buckets[bucket].range.count)
      model.backward(pass, bucket: bucket, gradient: gradient)
      for gap in layout.gaps(inBucket: bucket) { gradient[gap].fill(0) }
      guard sumOfSquares(gradient).isFinite else {
        return layout.slots[layout.buckets[bucket].slots].first?.name
      }
    }
    return nil
  }
}
