import Reporting

/// Finds steps whose loss is far above that of recent steps, by running means. Part of the state of
/// a run: after a resume the same steps are spikes.
package struct LossSpikeDetector: JSONRecord, JSONConvertible {
  package static let fields: [JSONField<Self>] = [
    JSONField("mean", \.mean), JSONField("deviation", \.deviation), JSONField("steps", \.steps),
  ]

  /// The running mean of the loss.
  package private(set) var mean = 0.0
  /// The running mean of its distance from the mean.
  private(set) var deviation = 0.0
  private(set) var steps = 0

  package init() {}

  /// What a running mean keeps of its old value.
  private static let memory = 0.98
  /// Steps to learn from before anything is a spike: as many as the mean reaches back.
  private static let leastSteps = 50

  /// Takes in the loss of a step. Returns whether it is a spike: more than eight deviations above
  /// the mean, and half as much again. A loss that is not finite is not taken in.
  package mutating func isSpike(_ loss: Double) -> Bool {
    guard loss.isFinite else { return false }
    let distance = loss - mean
    let isFarAbove = steps >= Self.leastSteps && distance > max(8 * deviation, 0.5 * mean)
    // The first steps are plain means; later ones fade.
    let share = max(1 / Double(steps + 1), 1 - Self.memory)
    deviation += share * (abs(distance) - deviation)
    mean += share * distance
    steps += 1
    return isFarAbove
  }
}
