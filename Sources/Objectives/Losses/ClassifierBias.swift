/// What the classifier's bias starts from.
public enum ClassifierBias: String, Sendable, CaseIterable {
  /// For each label the constant logit that minimizes the loss on the training counts.
  case prior
  /// 0, as Hugging Face does it.
  case zero

  /// The bias of every label, `[L]`.
  ///
  /// `prior` is where (n⁺ + ½)·p·P′(x) + (n⁻ + ½)·N′(x) = 0, with P and N the loss of a target 1
  /// and 0, found by bisection within ±20 for whatever loss (a clipped loss may have no minimum
  /// for a label that almost all rows carry). For the weighted cross-entropy that is
  /// log(p·(n⁺ + ½)/(n⁻ + ½)). Losses that look at a row's other labels are taken at their
  /// typical row (`Loss.typicalRowFactor`).
  public func values(loss: any Loss, counts: TrainingCounts) -> [Float] {
    precondition(loss.positiveWeights.count == counts.labels)
    return (0..<counts.labels).map { label in
      self == .zero ? 0 : Float(Self.minimizer(loss: loss, counts: counts, label: label))
    }
  }

  private static func minimizer(loss: any Loss, counts: TrainingCounts, label: Int) -> Double {
    let positives =
      (Double(counts.positives[label]) + 0.5) * Double(loss.positiveWeights[label])
    let negatives = Double(counts.negatives(label)) + 0.5
    let factors = (
      loss.typicalRowFactor(label: label, hasLabel: true),
      loss.typicalRowFactor(label: label, hasLabel: false)
    )
    var (low, high) = (-20.0, 20.0)
    // 40 / 2^44 is far below the spacing of floats.
    for _ in 0..<44 {
      let middle = (low + high) / 2
      let up = loss.positive(middle, label: label, rowFactor: factors.0).derivative
      let down = loss.negative(middle, label: label, rowFactor: factors.1).derivative
      if positives * up + negatives * down < 0 { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}
