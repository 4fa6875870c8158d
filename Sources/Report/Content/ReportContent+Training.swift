// Is it still learning? Loss and F1 by epoch, where the time went, and how to make the run again.

import Configuration
import Objectives
import Reporting
import Storage

extension ReportContent {
  /// Points of a curve at most.
  private static let points = 150

  var training: JSONValue {
    let evaluations = run.log.evaluations.map { event -> JSONValue in
      let values = MetricValues(event.metrics)
      func value(_ name: MetricName) -> JSONValue { values[name].map(significantValue) ?? .null }
      return .object([
        "epoch": short(event.epoch), "step": .integer(event.step), "loss": value(.loss),
        "micro_f1": value(.microF1.by(.global)), "macro_f1": value(.macroF1.by(.global)),
        "precision_at_1": value(.precision(at: 1)), "is_best": .bool(event.isBest),
      ])
    }
    return .object([
      "loss": curve(\.loss), "grad_norm": curve(\.gradientNorm),
      "learning_rate": curve(\.learningRate), "evaluations": .array(evaluations),
      "metric": .string("\(run.configuration.earlyStopping.metricForBestModel)"),
      "ended_by": .string(run.results.endedBy.rawValue),
      "best_step": .integer(run.results.bestStep), "last_step": .integer(run.results.lastStep),
    ])
  }

  /// A figure of the logged steps by epoch, neighbors averaged where there are many.
  private func curve(_ figure: (TrainEvent) -> Double) -> JSONValue {
    let steps = run.log.steps.filter { figure($0).isFinite }
    let width = max(1, (steps.count + Self.points - 1) / Self.points)
    return .array(
      stride(from: 0, to: steps.count, by: width).map { start in
        let group = steps[start..<min(start + width, steps.count)]
        let (last, count) = (group[group.endIndex - 1], Double(group.count))
        return .array([
          short(last.epoch), significantValue(group.reduce(0) { $0 + figure($1) } / count),
        ])
      })
  }

  /// Seconds by activity and by kind of kernel.
  var time: JSONValue {
    func sums(_ times: (TrainEvent) -> JSONObject) -> JSONObject {
      var sums = JSONObject()
      for event in run.log.steps {
        for (name, seconds) in times(event) {
          sums[name] = .double((sums[name]?.number ?? 0) + (seconds.number ?? 0))
        }
      }
      return JSONObject(sums.map { ($0, short($1.number ?? 0, digits: 3)) })
    }
    let pauses = run.log.checkpoints.reduce(0) { $0 + $1.pauseSeconds }
    let seconds = run.log.steps.reduce(0) { $0 + $1.totalSeconds }
    let tokens = run.log.steps.last?.tokens ?? 0
    return .object([
      "activities": .object(sums(\.seconds)), "kernels": .object(sums(\.kernelSeconds)),
      "data_seconds": short(run.log.start?.dataSeconds ?? 0, digits: 2),
      "checkpoint_seconds": short(pauses, digits: 2), "step_seconds": short(seconds, digits: 2),
      "units_per_second": short(seconds > 0 ? Double(tokens) / seconds : 0, digits: 0),
      "unit": .string(
        run.configuration.model.kind == .linear ? "feature values" : "tokens"),
      "peak_memory_mb": .array((run.log.end?.peakMemory ?? []).map { .integer($0) }),
    ])
  }

  /// What the run was made of.
  var again: JSONValue {
    let data = run.configuration.data
    let files = [("train", data.train), ("validation", data.validation), ("test", data.test)]
      .compactMap { name, path in path.map { (name, $0) } }
    let ranks = run.log.end?.peakMemory.count ?? 1
    let prefix = ranks > 1 ? "mpirun -n \(ranks) " : ""
    return .object([
      "command": run.again([], name: "again").map { .string(prefix + $0) } ?? .null,
      "program": .string(run.log.start?.program ?? ""),
      "seed": .integer(run.configuration.training.seed), "processes": .integer(ranks),
      "files": .array(
        files.map { name, path in
          .object([
            "name": .string(name), "path": .string(path), "sha256": .string(checksum(of: path)),
          ])
        }),
      "configuration": .string(run.configuration.resolved.text(pretty: true)),
    ])
  }

  /// Larger files are not hashed: that would take longer than the report.
  private static let hashedBytes = 200_000_000

  private func checksum(of path: String) -> String {
    guard case .file(let bytes) = fileKind(path) else { return "not there any more" }
    guard bytes <= Self.hashedBytes else { return "\(grouped(Double(bytes))) bytes" }
    return (try? FileRecord(reading: path, name: path))?.sha256 ?? "cannot be read"
  }
}
