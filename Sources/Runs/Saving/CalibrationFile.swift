// `calibration.json` of a saved model: how its scores become probabilities.

import Objectives
import Storage

package enum CalibrationFile {
  package static let name = "calibration.json"
  private static let (slopeKey, offsetKey) = ("slope", "offset")

  /// The content: for each label the line from a logit to its calibrated one.
  package static func text(_ calibration: LabelCalibration, labels: [String]) -> String {
    let lines = labels.enumerated().map { index, label -> (String, JSONValue) in
      let line: JSONObject = [
        slopeKey: .double(calibration.slopes[index]),
        offsetKey: .double(calibration.offsets[index]),
      ]
      return (label, .object(line))
    }
    return JSONValue.object(JSONObject(lines)).text(pretty: true) + "\n"
  }

  /// Reads the calibration of the model in a directory; nil where there is none, as in models of
  /// version 0.1. Throws `StorageError` and `FileError`.
  package static func read(directory: String, labels: [String]) throws -> LabelCalibration? {
    let path = "\(directory)/\(name)"
    guard fileKind(path) != nil else { return nil }
    let json = try JSONValue(contentsOf: path)
    let lines = try labels.map { label in
      guard let slope = json[label]?[slopeKey]?.number, slope.isFinite,
        let offset = json[label]?[offsetKey]?.number, offset.isFinite
      else {
        throw StorageError(
          .malformed, path, "has no slope and offset for the label \"\(label)\"")
      }
      return (slope, offset)
    }
    return LabelCalibration(slopes: lines.map(\.0), offsets: lines.map(\.1))
  }
}
