// What a fit says at its end.

import Objectives
import Reporting

struct FitSummary {
  let candidates: [FitCandidate]
  let best: FitCandidate
  let options: FitOptions
  let directory: FitDirectory
  let seconds: Double

  var lines: [String] {
    ["", "Done in \(duration(seconds))."] + table(.validation) + table(.test) + intervals
      + ["", "Chosen by \(options.goal.metric) on the validation rows: \(best.kind.rawValue)."]
      + next
  }

  private func table(_ part: RunPart) -> [String] {
    let rows = candidates.compactMap { candidate -> [String]? in
      guard let values = candidate.results[part] else { return nil }
      func shown(_ name: MetricName) -> String {
        values[name].map { fixed($0, digits: 4) } ?? "–"
      }
      return [
        candidate.kind.rawValue + (candidate.kind == best.kind ? " *" : ""),
        shown(.microF1.by(.half)), shown(.microF1.by(.global)), shown(.macroF1.by(.global)),
        shown(.macroF1.by(.perLabel)), shown(MetricName(parsing: "precision_at_1")),
      ]
    }
    guard !rows.isEmpty else { return [] }
    let header = [
      part.rawValue, "micro-F1 at 0.5", "tuned", "macro-F1 tuned", "per label", "P@1",
    ]
    return [""] + MarkdownTable(header: header, rows: rows).lines
  }

  /// The interval of the figure that was aimed at.
  private var intervals: [String] {
    let metric = options.goal.metric
    func interval(_ end: String) -> MetricName {
      MetricName("\(metric.measure)_\(end)", by: metric.thresholds)
    }
    guard let test = best.results.test, let value = test[metric],
      let lower = test[interval("low")], let upper = test[interval("high")]
    else { return [] }
    return [
      "",
      "\(metric) on the test rows: \(fixed(value, digits: 3)), 95 % interval "
        + "\(fixed(lower, digits: 3)) to \(fixed(upper, digits: 3))",
    ]
  }

  private var next: [String] {
    let name = Program.name
    let hasEncoder = candidates.contains { $0.kind == .encoder }
    let repeated = hasEncoder ? directory.encoder : directory.linear
    return [
      "", "model     \(directory.result.best)",
      "predict   \(name) predict --model \(directory.path) --input new.csv --output predictions.jsonl",
      "report    \(directory.result.report)    which labels are bad and why",
      "labels    \(directory.result.labels)    where F1 is lost, label by label",
      "repeat    \(name) train \(repeated.config) --set output_dir=…    "
        + "\(hasEncoder ? "the encoder" : "the linear model")'s config",
    ]
  }
}
