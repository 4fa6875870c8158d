// What a logit is worth: the probability that rows with it have the label.

import Foundation

/// Platt scaling (Platt, "Probabilistic Outputs for Support Vector Machines", 1999) for many labels
/// of different frequency: the calibrated logit of x is (w₀ + w₃·r)·x + w₁ + w₂·r + bⱼ, with r =
/// ln(1 + n⁺) and n⁺ the label's positives in the training data.
///
/// The four numbers w serve all labels. What a label needs beside them, bⱼ, is believed as far as
/// its rows go: it is normally distributed with mean 0 and deviation 1 beforehand, which weighs as
/// much as one positive that is expected.
struct Calibration {
  private var weights: InlineArray<4, Double> = [1, 0, 0, 0]
  /// bⱼ, `[L]`.
  private var offsets: [Double]
  /// r of each label, `[L]`.
  let frequencies: [Double]

  /// The most probable one given `cells`, by Newton's method with halved steps. Beforehand w is
  /// what leaves logits as they are, with deviation 1.
  init(_ cells: ScoreCells, of histogram: ScoreHistogram) {
    frequencies = histogram.trainingPositives.map { log1p(Double($0)) }
    offsets = Array(repeating: 0, count: cells.labels)
    var value = logPosterior(cells, histogram)
    for _ in 0..<50 {
      guard let step = newtonStep(cells, histogram),
        let (next, nextValue) = improved(by: step, over: value, cells, histogram)
      else { return }
      (weights, offsets) = (next.weights, next.offsets)
      defer { value = nextValue }
      if nextValue - value < 1e-6 * abs(value) { return }
    }
  }

  /// The calibrated logit.
  func callAsFunction(_ x: Double, label: Int) -> Double {
    let line = line(label)
    return line.slope * x + line.offset
  }

  /// The logit whose calibrated one is `z`; nil where a higher logit does not mean more.
  func inverse(_ z: Double, label: Int) -> Double? {
    let line = line(label)
    return line.slope > 0 ? (z - line.offset) / line.slope : nil
  }

  /// From a logit to its calibrated one, of each label.
  var lines: [(slope: Double, offset: Double)] { offsets.indices.map(line) }

  private func line(_ label: Int) -> (slope: Double, offset: Double) {
    let r = frequencies[label]
    return (weights[0] + weights[3] * r, weights[1] + weights[2] * r + offsets[label])
  }

  private func logPosterior(_ cells: ScoreCells, _ histogram: ScoreHistogram) -> Double {
    var sum = 0.0
    for label in 0..<cells.labels {
      let line = line(label)
      for cell in cells[label] {
        let z = line.slope * histogram.middle(Int(cell.bin)) + line.offset
        sum += Double(cell.positives) * z - Double(cell.rows) * softplus(z)
      }
      sum -= offsets[label] * offsets[label] / 2
    }
    for pull in prior { sum -= pull * pull / 2 }
    return sum
  }

  /// From the weights to where they are beforehand.
  private var prior: [Double] { [1 - weights[0], -weights[1], -weights[2], -weights[3]] }

  /// The step to where the gradient would vanish. A label's offset stands in the equations of the
  /// weights and its own alone, so it is eliminated: what is left are four equations.
  private func newtonStep(_ cells: ScoreCells, _ histogram: ScoreHistogram) -> Step? {
    var system = LinearSystem<4>(ridge: 1)
    for (index, pull) in prior.enumerated() { system.right[index] = pull }
    let equations = (0..<cells.labels).map { label in
      let equation = equation(label, cells[label], histogram, &system)
      system.add(
        equation.weights, weight: -1 / equation.curvature,
        pull: -equation.gradient / equation.curvature)
      return equation
    }
    guard let weights = system.solution() else { return nil }
    return Step(
      weights: weights,
      offsets: equations.map { equation in
        let moved = weights.indices.reduce(0) { $0 + equation.weights[$1] * weights[$1] }
        return (equation.gradient - moved) / equation.curvature
      })
  }

  /// A label's cells, added to the equations of the weights, and the equation of its offset.
  private func equation(
    _ label: Int, _ cells: ArraySlice<ScoreCells.Cell>, _ histogram: ScoreHistogram,
    _ system: inout LinearSystem<4>
  ) -> OffsetEquation {
    var equation = OffsetEquation(gradient: -offsets[label])
    let r = frequencies[label]
    for cell in cells {
      let x = histogram.middle(Int(cell.bin))
      let p = sigmoid(self(x, label: label))
      let weight = Double(cell.rows) * p * (1 - p)
      let pull = Double(cell.positives) - Double(cell.rows) * p
      let terms: InlineArray<4, Double> = [x, 1, r, r * x]
      system.add(terms, weight: weight, pull: pull)
      for index in terms.indices { equation.weights[index] += weight * terms[index] }
      equation.curvature += weight
      equation.gradient += pull
    }
    return equation
  }

  private func improved(
    by step: Step, over value: Double, _ cells: ScoreCells, _ histogram: ScoreHistogram
  ) -> (Calibration, Double)? {
    var share = 1.0
    while share > 1e-3 {
      var next = self
      for index in step.weights.indices { next.weights[index] += share * step.weights[index] }
      for label in offsets.indices { next.offsets[label] += share * step.offsets[label] }
      let nextValue = next.logPosterior(cells, histogram)
      if nextValue > value { return (next, nextValue) }
      share /= 2
    }
    return nil
  }
}

/// A step of Newton's method.
private struct Step {
  var weights: InlineArray<4, Double>
  var offsets: [Double]
}

/// Σ weights·Δw + curvature·Δb = gradient, of one label.
private struct OffsetEquation {
  var weights = InlineArray<4, Double>(repeating: 0)
  /// 1 is that of the prior.
  var curvature = 1.0
  var gradient: Double
}
