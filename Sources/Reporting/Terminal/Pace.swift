/// How fast steps go, smoothed, for the time left. Times come from a clock that never jumps.
public struct Pace: Sendable {
  private var lastSeconds: Double?
  private var secondsPerStep: Double?
  /// Steps that the pace was made of.
  private var count = 0

  /// Nothing known yet.
  public init() {}

  /// Begins a stretch of steps at a time in seconds. What lies between two stretches (evaluation,
  /// saving) does not count.
  public mutating func begin(at seconds: Double) {
    lastSeconds = seconds
  }

  /// Records that a step ended. The pace is the mean of the steps up to the twentieth; from then on
  /// the newest weighs a twentieth. The very first step does not count once there is another one:
  /// it touches all memory for the first time, which can take longer than a hundred later steps.
  public mutating func stepEnded(at seconds: Double) {
    defer { lastSeconds = seconds }
    guard let lastSeconds, seconds >= lastSeconds else { return }
    let latest = seconds - lastSeconds
    let weight = 1 / Double(min(max(count, 1), 20))
    secondsPerStep = secondsPerStep.map { $0 + (latest - $0) * weight } ?? latest
    count += 1
  }

  /// The seconds that `steps` more steps will take; nil before the first one has ended.
  public func secondsLeft(for steps: Int) -> Double? {
    secondsPerStep.map { $0 * Double(steps) }
  }
}
