// The negative part (target 0) of each loss over a whole row of L labels. Each kernel finds the
// logits x in `row`, leaves scale · dN/dx there and returns the sum of N over the row. Positives
// must hold `maskedLogit` on entry; the caller writes their gradients afterwards. Per-label
// parameters are padded to whole vectors (see `laneVector`). Formulas: Sources/Objectives.

import CVector
import Memory

/// Binary cross-entropy: N = log(1 + e^x).
package func crossEntropyNegatives(row: Vector<Float>, scale: Float) -> Double {
  sweepRow(row.pointer, count: row.count) { x, _ in
    let terms = logisticTerms(x)
    return (terms.softplus, terms.sigmoid * scale)
  }
}

/// Cross-entropy with a weight wⱼ and an offset bⱼ a label: N = wⱼ · log(1 + e^(x + bⱼ)).
package func weightedCrossEntropyNegatives(
  row: Vector<Float>, weights: Vector<Float>, offsets: Vector<Float>, scale: Float
) -> Double {
  precondition(weights.count == paddedCount(row.count) && offsets.count == weights.count)
  let (weights, offsets) = (weights.pointer, offsets.pointer)
  return sweepRow(row.pointer, count: row.count) { x, label in
    let terms = logisticTerms(x + load(offsets + label))
    let weight = load(weights + label)
    return (terms.softplus * weight, terms.sigmoid * weight * scale)
  }
}

/// Focal loss: N = factor · σ(x)^γ · log(1 + e^x).
package func focalNegatives(
  row: Vector<Float>, gamma: Float, factor: Float, scale: Float
) -> Double {
  sweepRow(row.pointer, count: row.count) { x, _ in
    let terms = logisticTerms(x)
    let focus = exponential(terms.negativeSoftplus * -gamma) * factor
    // dσ^γ/dx = γ σ^γ (1 - σ)
    let slope = terms.sigmoid.addingProduct(terms.softplus * gamma, terms.complement)
    return (focus * terms.softplus, focus * slope * scale)
  }
}

/// Asymmetric loss: N = -q^γ · log(1 - q) with q = max(σ(x) - clip, 0).
/// With clip = 0 the loss of a logit above 87 is that of 87.
///
/// - Parameter differentiatesFocus: whether the gradient flows through q^γ too.
package func asymmetricNegatives(
  row: Vector<Float>, gamma: Float, clip: Float, differentiatesFocus: Bool, scale: Float
) -> Double {
  let flow: Float = differentiatesFocus ? gamma : 0
  return sweepRow(row.pointer, count: row.count) { x, _ in
    let terms = logisticTerms(x)
    // The smallest normal number stands for 0, whose power and logarithm would not be finite.
    let q = vector_max(terms.sigmoid - clip, Lanes(repeating: 1.2e-38))
    let rest = vector_min(terms.complement + clip, Lanes(repeating: 1))
    let focus = exponential(naturalLogarithm(q) * gamma).replacing(
      with: 0, where: terms.sigmoid .<= clip)
    // For small q what rounding took from 1 - q is given back to its logarithm.
    let lost = (q - (1 - rest)).replacing(with: 0, where: q .> 0.5)
    let logarithm = naturalLogarithm(vector_max(rest, Lanes(repeating: 1.2e-38))) - lost / rest
    // x · 0 is 0, or NaN where the logit is not finite.
    let loss = (x * 0).addingProduct(focus, -logarithm)
    let slope = 1 / rest - (logarithm / q) * flow
    return (loss, focus * slope * terms.sigmoid * terms.complement * scale)
  }
}

/// The numbers of the distribution-balanced loss that are the same for all labels of a row.
package struct DistributionBalance {
  let alpha: Float
  let rate: Float
  let center: Float
  let lambda: Float

  /// α and λ; `rate` and `center` make the re-balancing weight.
  package init(alpha: Float, rate: Float, center: Float, lambda: Float) {
    (self.alpha, self.rate, self.center, self.lambda) = (alpha, rate, center, lambda)
  }
}

/// Distribution-balanced loss: N = r / λ · log(1 + e^(λ (x + bⱼ))) with the re-balancing weight
/// r = α + σ(rate · qⱼ - center).
package func distributionBalancedNegatives(
  row: Vector<Float>, offsets: Vector<Float>, inverseCounts: Vector<Float>,
  _ balance: DistributionBalance, scale: Float
) -> Double {
  precondition(offsets.count == paddedCount(row.count) && inverseCounts.count == offsets.count)
  let (offsets, inverseCounts) = (offsets.pointer, inverseCounts.pointer)
  let inverseLambda = 1 / balance.lambda
  return sweepRow(row.pointer, count: row.count) { x, label in
    let drive = load(inverseCounts + label) * balance.rate - balance.center
    let weight = logisticTerms(drive).sigmoid + balance.alpha
    let terms = logisticTerms((x + load(offsets + label)) * balance.lambda)
    return (terms.softplus * weight * inverseLambda, terms.sigmoid * weight * scale)
  }
}

/// Squared hinge: N = max(0, m + x)², with the margin m.
package func squaredHingeNegatives(row: Vector<Float>, margin: Float, scale: Float) -> Double {
  sweepRow(row.pointer, count: row.count) { x, _ in
    let lack = vector_max(x + margin, Lanes(repeating: 0))
    // x · 0 is 0, or NaN where the logit is not finite: -∞ must not pass for a good answer.
    return ((x * 0).addingProduct(lack, lack), lack * (2 * scale))
  }
}
