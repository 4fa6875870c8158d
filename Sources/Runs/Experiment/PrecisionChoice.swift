// training.precision "auto": single precision, or bfloat16 if that is faster here. Measured on the
// products of the model's own layers, as all ranks compute at once; the slowest rank counts.

import Collectives
import Configuration
import Data
import Kernels

/// In what precision an experiment computes its products, and why.
struct PrecisionChoice {
  let precision: TrainingSettings.Precision
  /// For the plan; nil if the user has chosen.
  let reason: String?

  /// bfloat16 must be faster by this factor: it rounds, and a measurement is not exact.
  private static let leastGain = 1.1
  /// Products of narrower models take too little time to tell the precisions apart.
  private static let leastWidth = 128

  /// Collective.
  /// - Parameter hiddenSize: of the encoder; nil of a model without one.
  init(
    _ settings: TrainingSettings, hiddenSize: Int?, training: Dataset, _ communicator: Communicator
  ) throws {
    guard settings.precision == .auto else {
      (precision, reason) = (settings.precision, nil)
      return
    }
    guard let hiddenSize, hiddenSize >= Self.leastWidth else {
      (precision, reason) = (.fp32, nil)
      return
    }
    let obstacles = try communicator.allGather(ProductPrecision.bfloat16.obstacle ?? "")
    if let obstacle = obstacles.first(where: { !$0.isEmpty }) {
      (precision, reason) = (.fp32, "fp32, because \(obstacle)")
      return
    }
    let lengths = training.rowLengths
    let mean = lengths.reduce(0, +) / max(lengths.count, 1)
    let shape = LayerProductShape(
      tokens: mean * settings.batchSize / settings.microbatches, hiddenSize: hiddenSize)
    try communicator.barrier()
    let seconds = shape.measure([.float32, .bfloat16])
    let slowest = try seconds.map { try communicator.allGather($0).max() ?? $0 }
    let gain = slowest[0] / slowest[1]
    precision = gain > Self.leastGain ? .bf16 : .fp32
    let times = (gain * 100).rounded() / 100
    reason = "bf16 products are \(times) times as fast as fp32 here"
  }
}
