/// How fast steps go, smoothed, for the time left. Times come from a clock that never jumps.
public struct Pace: Sendable {
  private var lastSeconds: Double?
  private var secondsPerStep: Double?

  /// Nothing known yet.
  public init() {}

  /// Begins a stretch of steps at a time in seconds. What lies between two stretches (evaluation,
  /// saving) does not count.
  public mutating func begin(at seconds: Double) {
    lastSeconds = seconds
  }

  /// Records that a step ended. The newest step weighs a twentieth.
  public mutating func stepEnded(at seconds: Double) {
    defer { lastSeconds = seconds }
    guard let lastSeconds, seconds >= lastSeconds else { return }
    let latest = seconds - lastSeconds
    secondsPerStep = secondsPerStep.map { $0 + (latest - $0) / 20 } ?? latest
  }

  /// The seconds that `steps` more steps will take; nil before the first one has ended.
  public func secondsLeft(for steps: Int) -> Double? {
    secondsPerStep.map { $0 * Double(steps) }
  }
}
