// labels.csv, read back.

import Data
import Reporting
import Storage

/// What a run says of a label.
struct LabelFigures: Equatable {
  /// Its decisions on one part of the rows.
  struct Part: Equatable {
    var truePositives = 0
    var falsePositives = 0
    var falseNegatives = 0
    var averagePrecision = 0.0

    /// Rows that have the label.
    var positives: Int { truePositives + falseNegatives }
    var errors: Int { falsePositives + falseNegatives }
    var precision: Double { ratio(truePositives, truePositives + falsePositives) }
    var recall: Double { ratio(truePositives, positives) }
    var f1: Double { ratio(2 * truePositives, 2 * truePositives + errors) }
  }

  var name = ""
  var trainingPositives = 0
  var threshold = 0.5
  var parts: [RunPart: Part] = [:]
}

/// 0/0 is 0.
func ratio(_ numerator: Int, _ denominator: Int) -> Double {
  denominator == 0 ? 0 : Double(numerator) / Double(denominator)
}

extension LabelFigures {
  /// Reads the table of a run. Throws `FileError`, `DataError` and `StorageError`.
  static func all(in path: String) throws -> [LabelFigures] {
    let table = try CSVTable(path: path)
    let columns = Dictionary(
      table.columns.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    return try table.lines.map { line in
      func value<Value: LosslessStringConvertible>(_ column: String) throws -> Value {
        guard let place = columns[column], let value = Value(line[place]) else {
          throw StorageError(
            .malformed, path, "has no sound column \(column); resume the run to write it anew")
        }
        return value
      }
      var label = LabelFigures()
      label.name = try value("label")
      label.trainingPositives = try value("train_positives")
      label.threshold = try value("threshold")
      for part in RunPart.allCases where columns["\(part.rawValue)_tp"] != nil {
        label.parts[part] = Part(
          truePositives: try value("\(part.rawValue)_tp"),
          falsePositives: try value("\(part.rawValue)_fp"),
          falseNegatives: try value("\(part.rawValue)_fn"),
          averagePrecision: try value("\(part.rawValue)_average_precision"))
      }
      return label
    }
  }
}
