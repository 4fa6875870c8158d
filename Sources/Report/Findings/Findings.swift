// All that the report has found out of a run, before it becomes a page.

import Objectives
import Reporting

struct Findings {
  let run: FinishedRun
  /// The figures of each label on the run's part, `[L]`.
  let figures: [LabelFigures.Part]
  /// `[L]`
  let causes: [LabelCause]
  let twins: [LabelTwin]
  /// `[L]`; empty where no scores were kept.
  let errors: [LabelErrors]
  let suspicious: [SuspiciousLabel]

  /// What was kept of the rows of the run's part.
  var kept: HeldOutScores.Part? { run.scores?.parts[run.part] }

  init(_ run: FinishedRun) {
    self.run = run
    let figures = run.labels.indices.map(run.figures)
    let numbers = Dictionary(
      run.labels.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    let twins = LabelTwin.all(in: run.audit, labels: numbers)
    let twinned = Set(twins.flatMap { [$0.first, $0.second] })
    causes = run.labels.indices.map {
      LabelCause(
        figures[$0], trainingPositives: run.labels[$0].trainingPositives,
        hasTwin: twinned.contains($0))
    }
    let kept = run.scores?.parts[run.part]
    errors = kept.map { LabelErrors.all($0.rows, labels: run.labels.count) } ?? []
    suspicious =
      kept.map {
        SuspiciousLabel.all(
          $0.rows, ScoreCalibration($0.curve), averagePrecisions: figures.map(\.averagePrecision))
      } ?? []
    (self.figures, self.twins) = (figures, twins)
  }
}
