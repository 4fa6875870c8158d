/// From which probability on a label is decided to be positive.
///
/// The rule is the same everywhere: logit >= log(t / (1 - t)), the right side rounded to single
/// precision; that is p >= t for the probability p = σ(logit) computed without rounding.
public struct Thresholds: Sendable, Equatable {
  /// t of each label, `[L]`.
  public let probabilities: [Double]
  /// log(t / (1 - t)) of each label, `[L]`: what logits are compared with.
  public let logits: [Float]

  /// A threshold for each label.
  public init(_ probabilities: [Double]) {
    self.probabilities = probabilities
    logits = probabilities.map { Float(logit($0)) }
  }

  /// The same threshold for `labels` labels.
  public init(_ probability: Double, labels: Int) {
    self.init(Array(repeating: probability, count: labels))
  }

  /// Number of labels, L.
  public var labels: Int { probabilities.count }

  /// Whether `label` is decided to be positive at this logit.
  public func decides(_ logit: Float, label: Int) -> Bool { logit >= logits[label] }
}
