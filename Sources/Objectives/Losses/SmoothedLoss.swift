import Kernels
import Memory

/// Label smoothing over any loss of sparse binary labels: the target y of label j becomes y′ = (1 −
/// ε)·y + ε·πⱼ, where πⱼ = n⁺ⱼ/nⱼ is the label's frequency among the training rows of which it is
/// known, and the loss is y′·p·P(x) + (1 − y′)·N(x), P and N being the loss of target 1 and 0.
/// Szegedy, Vanhoucke, Ioffe, Shlens, Wojna, "Rethinking the Inception Architecture for Computer
/// Vision" (2016), section 7, with u(k) the prior.
///
/// Smoothing towards one half, as for two classes of equal frequency, would tell every row that it
/// has ε/2 of each of a thousand labels. Towards the prior, the labels' means stay what they are,
/// and for `bce` so does the bias from which the classifier starts.
///
/// It is for training. The losses of evaluations are those of the true targets.
struct SmoothedLoss<Base: Loss>: Loss {
  let base: Base
  /// ε.
  private let smoothing: Double
  /// πⱼ, `[L]`.
  private let priors: [Double]

  var positiveWeights: [Float] { base.positiveWeights }
  var unit: Double { base.unit }

  init(_ base: Base, smoothing: Double, counts: TrainingCounts) {
    precondition(smoothing >= 0 && smoothing < 1)
    self.base = base
    self.smoothing = smoothing
    priors = zip(counts.positives, counts.known).map { Double($0) / Double(max($1, 1)) }
  }

  func rowFactor(positives: ArraySlice<Int32>) -> Double { base.rowFactor(positives: positives) }

  func typicalRowFactor(label: Int, hasLabel: Bool) -> Double {
    base.typicalRowFactor(label: label, hasLabel: hasLabel)
  }

  /// (1 − ε + επ)·P + ε(1 − π)·N/p: the caller multiplies by p.
  func positive(_ x: Double, label: Int, rowFactor: Double) -> LossTerm {
    let yes = base.positive(x, label: label, rowFactor: rowFactor)
    let no = base.negative(x, label: label, rowFactor: rowFactor)
    let moved = smoothing * (1 - priors[label])
    return yes * (1 - moved) + no * (moved / Double(positiveWeights[label]))
  }

  /// (1 − επ)·N + επ·p·P.
  func negative(_ x: Double, label: Int, rowFactor: Double) -> LossTerm {
    let yes = base.positive(x, label: label, rowFactor: rowFactor)
    let no = base.negative(x, label: label, rowFactor: rowFactor)
    let moved = smoothing * priors[label]
    return no * (1 - moved) + yes * (moved * Double(positiveWeights[label]))
  }

  /// Entry by entry, since each label mixes its two terms in its own way: some tens of nanoseconds
  /// an entry, little beside the pass through an encoder.
  func negatives(row: Vector<Float>, rowFactor: Double, scale: Float) -> Double {
    var (values, sum) = (row.array, 0.0)
    for label in values.indices {
      guard values[label] != maskedLogit else {
        values[label] = 0
        continue
      }
      let term = negative(Double(values[label]), label: label, rowFactor: rowFactor)
      sum += term.value
      values[label] = Float(term.derivative * Double(scale))
    }
    row.copy(from: values)
    return sum
  }
}

extension Loss {
  /// The loss with smoothed targets; 0 leaves it as it is.
  public func smoothed(_ smoothing: Double, counts: TrainingCounts) -> any Loss {
    smoothing == 0 ? self : SmoothedLoss(self, smoothing: smoothing, counts: counts)
  }
}

private func + (left: LossTerm, right: LossTerm) -> LossTerm {
  LossTerm(value: left.value + right.value, derivative: left.derivative + right.derivative)
}

private func * (term: LossTerm, factor: Double) -> LossTerm {
  LossTerm(value: term.value * factor, derivative: term.derivative * factor)
}
