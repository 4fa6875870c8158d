// Where the time of training steps goes, and what they send.

/// Seconds of this rank by activity, and bytes that it has sent, summed over steps.
package struct StepTimes {
  /// What a rank can be doing.
  enum Activity: String, CaseIterable {
    /// Making the step's batches.
    case data
    /// Forward passes.
    case forward
    /// Losses and their gradients.
    case loss
    /// Backward passes.
    case backward
    /// Moving exchanges on between kernels: copying, adding, starting the next messages.
    case progress
    /// Waiting for exchanges: the communication that computing does not hide.
    case wait
    /// Norm, clipping and AdamW.
    case optimizer
  }

  private(set) var seconds: [Activity: Double] = [:]
  /// Gradients and parameters sent to other ranks, in bytes.
  var bytesSent = 0
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

  /// Counts seconds that passed during one activity as another.
  mutating func move(_ part: Double, from activity: Activity, to other: Activity) {
    seconds[activity, default: 0] -= part
    seconds[other, default: 0] += part
  }

  /// All of it.
  var total: Double { seconds.values.reduce(0, +) }
}
