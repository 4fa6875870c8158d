// Rows that stand in two parts of the data: what a model knows of them it has seen.

import Data
import Reporting

/// How many of the rows that figures are of have the text of a row that was learned from.
struct SharedRows {
  /// A sentence for each part whose figures look better than those of new rows.
  let warnings: [String]

  init(_ task: TrainingTask) {
    let training = TextHashes(task.training)
    let validation = task.validation.map(TextHashes.init)
    let test = task.test.map(TextHashes.init)
    let pairs: [(part: TextHashes?, name: String, other: TextHashes?, role: String)] = [
      (validation, "validation", training, "training row, which the model has learned"),
      (test, "test", training, "training row, which the model has learned"),
      (
        test, "test", validation,
        "validation row, by which the best model and its thresholds were chosen"
      ),
    ]
    warnings = pairs.compactMap { part, name, other, role in
      guard let part, let other else { return nil }
      let shared = part.rowCount(sharedWith: other)
      guard shared * Self.share >= part.rowCount, shared > 0 else { return nil }
      return "\(shared) of the \(part.rowCount) \(name) rows have the text of a \(role): "
        + "the \(name) figures say little of new rows"
    }
  }

  /// One row in so many is worth a word.
  private static let share = 10
}
