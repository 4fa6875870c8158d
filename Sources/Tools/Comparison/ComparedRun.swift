// What `ddp-train compare` is given: a run's directory, or that of a saved model alone.

import Configuration
import Foundation
import Memory
import Reporting
import Runs
import Storage

/// A run that is compared with others.
struct ComparedRun {
  /// The directory as the user wrote it.
  let path: String
  /// The directory of its best model.
  let model: String
  /// Of a run; nil for a saved model alone.
  let configuration: Configuration?
  /// Seconds of all its training steps, evaluations and saving left out; nil for a saved model
  /// alone, and for the output of `fit`, whose trainings have logs of their own.
  let trainingSeconds: Double?

  /// The file by which the output of `fit` is known.
  static let recordOfFit = "fit.json"

  /// Looks at a directory. Throws exit code 66 where it holds neither.
  init(path: String) throws {
    self.path = path
    let run = RunDirectory(path: path)
    if fileKind(run.best) == .directory {
      model = run.best
      configuration = try Configuration(
        stored: JSONValue(contentsOf: run.config), source: run.config)
      let isFit = fileKind("\(path)/\(Self.recordOfFit)") != nil
      trainingSeconds = isFit ? nil : try Self.seconds(of: run.metrics)
    } else if case .file = fileKind("\(path)/\(ModelNotes.file)") {
      (model, configuration, trainingSeconds) = (path, nil, nil)
    } else {
      throw Failure(
        .missingInput, "\(path): neither a run with a best/ in it nor a saved model is there")
    }
  }

  /// Sums what the `train` lines of a log say of their steps.
  private static func seconds(of log: String) throws -> Double {
    guard fileKind(log) != nil else { throw FileError(path: log, operation: "read", code: ENOENT) }
    return try MetricsLog(path: log).events(TrainEvent.self).reduce(0) { $0 + $1.totalSeconds }
  }

  /// Bytes of the model's files.
  var modelByteCount: Int {
    get throws {
      try entries(of: model).reduce(0) { sum, name in
        guard case .file(let count) = fileKind("\(model)/\(name)") else { return sum }
        return sum + count
      }
    }
  }
}
