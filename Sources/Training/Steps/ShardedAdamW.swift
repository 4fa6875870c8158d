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
  func squaredNorm(_ gradients: StepGradients) -> ExactSum {
    var sum = ExactSum()
    for (bucket, shard) in shards.enumerated() where bucket != table {
      for start in stride(from: shard.lowerBound, to: shard.upperBound, by: blockSize) {
        sum.add(sumOfSquares(gradients.dense[start..<min(start + blockSize, shard.upperBound)]))
      }
    }
    for row in 0..<gradients.rows.count { sum.add(sumOfSquares(gradients.rows.values.row(row))) }
    return sum
  }

  /// Updates the rank's part of a bucket of the parameters.
  func update(
    bucket: Int, of parameters: Vector<Float>, by gradients: StepGradients, _ scale: UpdateScale
  ) {
    for segment in segments[bucket] {
      let update = SegmentUpdate(
        segment: segment, parameters: parameters, step: step(segment, scale))
      if bucket == table {
        updateTable(update, gradients.rows)
      } else {
        apply(update, to: 0..<segment.range.count, gradients.dense[segment.range])
      }
    }
  }

  private func step(_ segment: Segment, _ scale: UpdateScale) -> AdamWStep {
    AdamWStep(
      AdamWSettings(
        beta1: settings.adamBeta1, beta2: settings.adamBeta2, epsilon: settings.adamEpsilon),
      learningRate: scale.factor * segment.learningRate,
      weightDecay: segment.decays ? settings.weightDecay : 0, number: scale.number,
      gradientScale: scale.gradientScale)
  }

  /// What moves the parameters of a segment.
  private struct SegmentUpdate {
    let segment: Segment
    let parameters: Vector<Float>
    let step: AdamWStep
  }

  /// The table's shard: touched rows with their gradients, the stretches between them with zeros.
  private func updateTable(_ update: SegmentUpdate, _ rows: SparseRows) {
    let (range, width) = (update.segment.range, rows.values.columns)
    var done = 0
    for row in 0..<rows.count {
      let start = tableOffset + Int(rows.ids[row]) * width - range.lowerBound
      if start > done { apply(update, to: done..<start, nil) }
      apply(update, to: start..<start + width, rows.values.row(row))
      done = start + width
    }
    if done < range.count { apply(update, to: done..<range.count, nil) }
  }

  /// - Parameters:
  ///   - part: of the segment's floats.
  ///   - gradients: of that part; nil for zeros.
  private func apply(_ update: SegmentUpdate, to part: Range<Int>, _ gradients: Vector<Float>?) {
    let start = update.segment.range.lowerBound + part.lowerBound
    let moments = update.segment.momentOffset + part.lowerBound
    updateAdamW(
      parameters: update.parameters[start..<start + part.count], gradients: gradients,
      firstMoments: firstMoments[moments..<moments + part.count],
      secondMoments: secondMoments[moments..<moments + part.count], update.step)
  }
}
