// `calibration.json` of a saved model: how its scores become probabilities.

import Objectives
import Storage

package enum CalibrationFile {
  package static let name = "calibration.json"
  private static let (slopesKey, offsetsKey) = ("slope", "offset")

  /// The content: for each label, in the order of the logits, the line from a logit to its
  /// calibrated one. Labels are not named, so whoever renames them need not look here.
  package static func text(_ calibration: LabelCalibration) -> String {
    func array(_ values: [Double]) -> JSONValue { .array(values.map { .double($0) }) }
    let content: JSONObject = [
      slopesKey: array(calibration.slopes), offsetsKey: array(calibration.offsets),
    ]
    return JSONValue.object(content).text() + "\n"
  }

  /// Reads the calibration of a model of so many labels; nil where there is none, as in models of
  /// version 0.1. Throws `StorageError` and `FileError`.
  package static func read(directory: String, labels: Int) throws -> LabelCalibration? {
    let path = "\(directory)/\(name)"
    guard fileKind(path) != nil else { return nil }
    let json = try JSONValue(contentsOf: path)
    func numbers(_ key: String) throws -> [Double] {
      let values = json[key]?.array?.compactMap(\.number).filter(\.isFinite) ?? []
      guard values.count == labels else {
        throw StorageError(
          .malformed, path, "\(key) must hold a number for each of \(labels) labels")
      }
      return values
    }
    return LabelCalibration(slopes: try numbers(slopesKey), offsets: try numbers(offsetsKey))
  }
}
