// The exponential moving average of the weights, of which each rank holds its part of every bucket,
// as of the optimizer's moments.

import Kernels
import Memory

/// θ̄ₜ = d·θ̄ₜ₋₁ + (1 − d)·θₜ with d = min(`ema_decay`, (1 + t)/(10 + t)), t the number of the
/// update: Polyak, Juditsky, "Acceleration of Stochastic Approximation by Averaging" (1992), in the
/// exponential form and with the warm-up of TensorFlow's `ExponentialMovingAverage`. Without the
/// warm-up the weights that a run begins with would stay in the average for 1/(1 − d)
/// steps and more.
final class WeightAverage {
  /// θ̄ of the rank's shards, end to end.
  let values: Vector<Float>
  private let shards: [Range<Int>]
  private let decay: Double

  /// An average that begins at `parameters`.
  /// - Parameter shards: the rank's part of each bucket, in the parameter buffer.
  init(of parameters: Vector<Float>, shards: [Range<Int>], decay: Double) {
    self.shards = shards
    self.decay = decay
    values = Vector(zeros: shards.reduce(0) { $0 + $1.count })
    forEachShard { values, shard in values.copy(from: parameters[shard]) }
  }

  /// Takes the parameters after update `number` (from 1) into the average.
  func update(with parameters: Vector<Float>, number: Int) {
    let rate = Float(1 - Self.decay(decay, number: number))
    forEachShard { updateAverage($0, of: parameters[$1], rate: rate) }
  }

  /// Exchanges the average with the rank's part of the parameters; a second exchange undoes it.
  func exchange(with parameters: Vector<Float>) {
    forEachShard { exchangeValues($0, parameters[$1]) }
  }

  /// d of update `number`.
  static func decay(_ decay: Double, number: Int) -> Double {
    min(decay, Double(1 + number) / Double(10 + number))
  }

  private func forEachShard(_ body: (Vector<Float>, Range<Int>) -> Void) {
    var offset = 0
    for shard in shards {
      body(values[offset..<offset + shard.count], shard)
      offset += shard.count
    }
  }
}
