// The losses: B rows of L logits against sparse targets. A loss is defined twice, once for one
// entry in double precision (`positive`, `negative`: the formula to read) and once, for target 0,
// as a vector kernel over a whole row. Almost all targets are 0: the kernel takes the whole row and
// the few positives are set afterwards.

import Kernels
import Memory

/// A loss of one entry and its derivative by the logit.
public struct LossTerm: Sendable, Equatable {
  /// The loss, not yet divided by the number of entries.
  public var value: Double
  /// dvalue/dlogit.
  public var derivative: Double

  /// A loss with its derivative.
  public init(value: Double, derivative: Double) {
    self.value = value
    self.derivative = derivative
  }
}

/// A loss that is a sum over rows × labels, or over those of their cells that are known.
public protocol Loss {
  /// What the positive part of each label is multiplied by: p, `[L]`.
  var positiveWeights: [Float] { get }

  /// What the loss is divided by where people read it: the loss of a target 0 at the logit 0, for
  /// losses whose size depends on an option; else 1.
  var unit: Double { get }

  /// The one number through which a row's targets change the loss of its entries; 1 for losses
  /// whose entries stand alone.
  func rowFactor(positives: ArraySlice<Int32>) -> Double

  /// `rowFactor` of an average training row that carries `label` (`hasLabel`) or does not.
  func typicalRowFactor(label: Int, hasLabel: Bool) -> Double

  /// Loss of target 1 at logit `x`, without the positive weight.
  func positive(_ x: Double, label: Int, rowFactor: Double) -> LossTerm

  /// Loss of target 0 at logit `x`.
  func negative(_ x: Double, label: Int, rowFactor: Double) -> LossTerm

  /// `negative` for a row `[L]` of logits: leaves scale × derivative in their place and returns
  /// the sum of the values. Where the row holds `maskedLogit` the value adds nothing.
  func negatives(row: Vector<Float>, rowFactor: Double, scale: Float) -> Double
}

extension Loss {
  /// 1: the loss is shown as it is.
  public var unit: Double { 1 }

  /// 1: entries stand alone.
  public func rowFactor(positives: ArraySlice<Int32>) -> Double { 1 }

  /// 1: entries stand alone.
  public func typicalRowFactor(label: Int, hasLabel: Bool) -> Double { 1 }

  /// Loss and gradient of rows of logits.
  ///
  /// Cells that are unknown add nothing and have the gradient 0. A logit that is not finite makes
  /// its row's loss NaN or infinite, that of an unknown cell too. The results of a row depend on
  /// that row alone, to the bit.
  ///
  /// - Parameters:
  ///   - logits: `[B, L]`.
  ///   - targets: B rows.
  ///   - scale: what the gradient is multiplied by: 1 / (known cells) of the whole step, which are
  ///     rows × labels where all is known.
  ///   - logitGradients: `[B, L]`, written; it may be `logits` itself.
  ///   - rowLosses: `[B]`, written: each row's sum over its known labels, not scaled.
  public func forwardBackward(
    logits: Matrix<Float>, targets: SparseTargets, scale: Float, logitGradients: Matrix<Float>,
    rowLosses: Vector<Double>
  ) {
    precondition(logits.columns == positiveWeights.count && logits.rows == targets.rows)
    precondition(logitGradients.columns == logits.columns && rowLosses.count == logits.rows)
    for index in 0..<logits.rows {
      rowLosses[index] = row(
        logits: logits.row(index), targets.row(index), scale: scale,
        gradient: logitGradients.row(index))
    }
  }

  /// Losses of rows of logits, `[B]`: each row's sum over its known labels, not scaled.
  ///
  /// - Parameter scratch: `[L]`, overwritten.
  public func forward(
    logits: Matrix<Float>, targets: SparseTargets, scratch: Vector<Float>
  ) -> [Double] {
    precondition(logits.columns == positiveWeights.count && logits.rows == targets.rows)
    return (0..<logits.rows).map {
      row(logits: logits.row($0), targets.row($0), scale: 1, gradient: scratch)
    }
  }

  private func row(
    logits: Vector<Float>, _ targets: RowTargets, scale: Float, gradient: Vector<Float>
  ) -> Double {
    let positives = targets.positives
    let factor = rowFactor(positives: positives)
    // Read before the gradient is written: both may be the same memory.
    let terms = positives.map { label -> LossTerm in
      let x = Double(logits[Int(label)])
      guard x.isFinite else { return LossTerm(value: .nan, derivative: .nan) }
      var term = positive(x, label: Int(label), rowFactor: factor)
      let weight = Double(positiveWeights[Int(label)])
      term.value *= weight
      term.derivative *= weight
      return term
    }
    gradient.copy(from: logits)
    for label in positives { gradient[Int(label)] = maskedLogit }
    let isFinite = overwrite(gradient, at: targets.unknown, with: maskedLogit)
    var sum = negatives(row: gradient, rowFactor: factor, scale: scale)
    overwrite(gradient, at: targets.unknown, with: 0)
    for (label, term) in zip(positives, terms) {
      gradient[Int(label)] = Float(term.derivative * Double(scale))
      sum += term.value
    }
    return isFinite ? sum : .nan
  }
}
