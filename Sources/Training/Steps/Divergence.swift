// A loss or gradient that is not finite: what all ranks make of it together.

import Collectives
import Configuration
import Reporting

/// A loss or gradient that is not finite: the run cannot go on.
struct Divergence: SharedError, ExitCoded, CustomStringConvertible {
  let step: Int
  let figures: StepMetrics
  /// What was found, in words.
  let cause: String
  /// Steps that were skipped before, if the run skips them.
  let skipped: Int?
  /// The keys of the learning rates.
  let rates: [String]

  var exitCode: ExitCode { .diverged }

  var description: String {
    "training diverged at step \(step): loss \(figures.loss), gradient norm "
      + "\(figures.gradientNorm); \(cause); "
      + (skipped.map { "\($0) steps were skipped before (training.max_skipped_steps); " } ?? "")
      + "what was saved before stays as it is. Lower \(rates.joined(separator: " or ")), or clamp "
      + "loss.pos_weight with max"
  }
}

extension Configuration {
  /// The keys of the learning rates of what is trained.
  var learningRateKeys: [String] {
    let linear = model.kind == .linear ? "model.linear" : model.tfidf == nil ? nil : "model.tfidf"
    let encoder = model.kind == .linear ? [] : ["training.learning_rate"]
    return encoder + ["training.classifier_learning_rate"]
      + (linear.map { ["\($0).learning_rate"] } ?? [])
  }
}
