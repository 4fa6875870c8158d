// AdamW on this rank's part of every bucket. The moments exist for that part only; the arithmetic
// of a value does not depend on which rank does it.

import Collectives
import Configuration
import Kernels
import Memory
import Models
import Objectives

/// A stretch of parameters that are updated alike.
private struct Segment {
  /// Its floats in the parameter buffer.
  let range: Range<Int>
  /// Where its moments begin.
  let momentOffset: Int
  /// Before the schedule's factor.
  let learningRate: Double
  let decays: Bool
}

/// The optimizer of one rank.
final class ShardedAdamW {
  /// The rank's part of each bucket, in the parameter buffer.
  let shards: [Range<Int>]
  /// m and v of the shards, end to end.
  let firstMoments: Vector<Float>
  let secondMoments: Vector<Float>
  private let segments: [[Segment]]
  /// The bucket whose gradients are sparse rows, nil for none, and where its row 0 begins.
  private let table: Int?
  private let tableOffset: Int
  private let settings: TrainingSettings

  /// - Parameter shards: the rank's part of each bucket of `layout`.
  init(layout: ParameterLayout, shards: [Range<Int>], settings: TrainingSettings) {
    self.shards = shards
    self.settings = settings
    let rates = LearningRates(settings: settings)
    var (segments, offset) = ([[Segment]](), 0)
    for (bucket, shard) in zip(layout.buckets, shards) {
      segments.append(
        layout.slots[bucket.slots].compactMap { slot in
          let range = slot.range.clamped(to: shard)
          guard !range.isEmpty else { return nil }
          return Segment(
            range: range, momentOffset: offset + range.lowerBound - shard.lowerBound,
            learningRate: rates.rate(of: slot, in: bucket), decays: slot.decays)
        })
      offset += shard.count
    }
    self.segments = segments
    table = layout.trainedTable?.bucket
    tableOffset = table.map { layout.buckets[$0].range.lowerBound } ?? 0
    firstMoments = Vector(zeros: offset)
    secondMoments = Vector(zeros: offset)
  }

  /// The sum of squares of the shards' gradients, block by block, which is the same for any
  /// division of the blocks over ranks.
  func squaredNorm(_ gradients: Vector<Float>, rows: SparseRows) -> ExactSum {
    var sum = ExactSum()
    for (bucket, shard) in shards.enumerated() where bucket != table {
      for start in stride(from: shard.lowerBound, to: shard.upperBound, by: blockSize) {
        sum.add(sumOfSquares(gradients[start..<min(start + blockSize, shard.upperBound)]))
      }
    }
    for row in 0..<rows.count { sum.add(sumOfSquares(rows.values.row(row))) }
    return sum
  }

  /// Updates the rank's part of a bucket of the parameters.
  /// - Parameters:
  ///   - rows: the touched rows of the table's shard.
  ///   - number: the number of this update, from 1.
  ///   - factor: that of the schedule.
  ///   - gradientScale: that of clipping.
  func update(
    bucket: Int, of parameters: Vector<Float>, _ gradients: Vector<Float>, rows: SparseRows,
    number: Int, factor: Double, gradientScale: Float
  ) {
    for segment in segments[bucket] {
      let step = step(for: segment, number: number, factor: factor, gradientScale: gradientScale)
      if bucket == table {
        updateTable(segment, parameters, rows, step)
      } else {
        apply(segment, 0..<segment.range.count, parameters, gradients[segment.range], step)
      }
    }
  }

  private func step(
    for segment: Segment, number: Int, factor: Double, gradientScale: Float
  ) -> AdamWStep {
    AdamWStep(
      beta1: settings.adamBeta1, beta2: settings.adamBeta2, epsilon: settings.adamEpsilon,
      learningRate: factor * segment.learningRate,
      weightDecay: segment.decays ? settings.weightDecay : 0, number: number,
      gradientScale: gradientScale)
  }

  /// The table's shard: touched rows with their gradients, the stretches between them with zeros.
  private func updateTable(
    _ segment: Segment, _ parameters: Vector<Float>, _ rows: SparseRows, _ step: AdamWStep
  ) {
    let width = rows.values.columns
    var done = 0
    for row in 0..<rows.count {
      let start = tableOffset + Int(rows.ids[row]) * width - segment.range.lowerBound
      if start > done { apply(segment, done..<start, parameters, nil, step) }
      apply(segment, start..<start + width, parameters, rows.values.row(row), step)
      done = start + width
    }
    if done < segment.range.count {
      apply(segment, done..<segment.range.count, parameters, nil, step)
    }
  }

  private func apply(
    _ segment: Segment, _ part: Range<Int>, _ parameters: Vector<Float>,
    _ gradients: Vector<Float>?, _ step: AdamWStep
  ) {
    let start = segment.range.lowerBound + part.lowerBound
    let moments = segment.momentOffset + part.lowerBound
    updateAdamW(
      parameters: parameters[start..<start + part.count], gradients: gradients,
      firstMoments: firstMoments[moments..<moments + part.count],
      secondMoments: secondMoments[moments..<moments + part.count], step)
  }
}
