import Configuration
import Foundation

/// The factor by which the learning rates are multiplied at each step.
public struct LearningRateSchedule: Sendable, Equatable {
  /// w, steps over which the factor rises from 0 to 1.
  public let warmupSteps: Int
  /// T, steps of the whole run.
  public let totalSteps: Int
  /// What happens after the warm-up.
  public let kind: TrainingSettings.SchedulerType

  /// The schedule of a run of `totalSteps`.
  public init(_ settings: TrainingSettings, totalSteps: Int) {
    self.totalSteps = totalSteps
    warmupSteps = settings.warmupSteps(totalSteps: totalSteps)
    kind = settings.schedule
  }

  /// The factor of the update after `step` updates; the first update uses step 0. As the
  /// schedulers of `transformers`: t/max(1, w) while t < w, then the kind's own curve.
  public func factor(step: Int) -> Double {
    if kind != .constant, step < warmupSteps { return Double(step) / Double(max(1, warmupSteps)) }
    let progress = Double(step - warmupSteps) / Double(max(1, totalSteps - warmupSteps))
    switch kind {
    case .linear: return max(0, 1 - progress)
    case .cosine: return max(0, (1 + cos(.pi * min(progress, 1))) / 2)
    case .constant, .constantWithWarmup: return 1
    }
  }
}
