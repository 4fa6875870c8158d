// What all ranks make together of a loss or gradient that is not finite.

import Collectives
import Configuration
import Data
import Models
import Reporting

extension Trainer {
  /// Logs a step that has updated nothing, and counts it, if such steps are skipped. Throws
  /// `Divergence` if they are not, or not so many. Collective.
  func skip(_ reports: [NonFiniteReport], _ figures: StepMetrics) throws {
    let cause = try cause(reports)
    let (step, skipped) = (state.step, state.skippedSteps)
    guard settings.onDivergence == .skip, skipped < settings.maxSkippedSteps else {
      // What is under way would meet the messages of a sweep's next variant.
      try optimization.gatherParameters()
      throw Divergence(
        step: step, figures: figures, cause: cause,
        skipped: settings.onDivergence == .skip ? skipped : nil,
        rates: task.configuration.learningRateKeys)
    }
    state.skippedSteps += 1
    log.skippedStep(state, figures, cause: cause)
  }

  /// What the lowest rank that found anything says.
  private func cause(_ reports: [NonFiniteReport]) throws -> String {
    let mine = reports.first.map(words) ?? ""
    let found = try communicator.allGather(mine).first { !$0.isEmpty }
    return found ?? "no microbatch has such values by itself: their sum is too large"
  }

  private func words(_ report: NonFiniteReport) -> String {
    let shown = report.rows.prefix(8).map { "\"\(task.training.id($0))\"" }
    let rest = report.rows.count - shown.count
    let ids = shown.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
    let microbatch = report.place * communicator.worldSize + communicator.rank
    let place = "rank \(communicator.rank), microbatch \(microbatch)"
    return switch report.value {
    case .loss: "\(place): the loss of the rows \(ids) is no finite number"
    case .gradient(let name):
      "\(place), rows \(ids): the gradient of \(name) is no finite number"
    }
  }
}
