// Where the time of training steps goes.

/// Seconds of this rank by activity, summed over steps.
package struct StepTimes {
  /// What a rank can be doing.
  enum Activity: String, CaseIterable {
    /// Making the step's batches.
    case data
    /// Forward passes.
    case forward
    /// Losses and their gradients.
    case loss
    /// Backward passes, and moving exchanges on between them.
    case backward
    /// Waiting for exchanges: the communication that computing does not hide.
    case wait
    /// Norm, clipping and AdamW.
    case optimizer
  }

  private(set) var seconds: [Activity: Double] = [:]
  private var current: Activity?
  private var start: ContinuousClock.Instant
  private static let clock = ContinuousClock()

  package init() {
    start = Self.clock.now
  }

  /// Ends the present activity and begins another.
  mutating func begin(_ activity: Activity?) {
    let now = Self.clock.now
    if let current { seconds[current, default: 0] += (now - start) / .seconds(1) }
    (current, start) = (activity, now)
  }

  /// Adds seconds that were measured elsewhere.
  mutating func add(_ more: Double, to activity: Activity) {
    seconds[activity, default: 0] += more
  }

  /// All of it.
  var total: Double { seconds.values.reduce(0, +) }
}
