// By what a saved model decides which labels a row is given: `thresholds.json`, and in
// `ddp_train.json` the number of labels where that is fixed. `calibration.json` goes with them.

import Objectives
import Storage

/// The decisions of a saved model.
package struct SavedDecisions: Equatable {
  package let thresholds: Thresholds
  /// Labels that each row is given, whatever their probability; nil where thresholds decide.
  package let topK: Int?
  /// How scores become probabilities; nil leaves what the model has.
  package let calibration: LabelCalibration?

  package init(_ thresholds: Thresholds, topK: Int?, calibration: LabelCalibration?) {
    (self.thresholds, self.topK, self.calibration) = (thresholds, topK, calibration)
  }

  /// Writes them into a saved model, whose directory is replaced as a whole: nobody sees one file
  /// without the other. Returns false where the model decides so already. Throws the errors of
  /// reading and writing.
  package func write(to model: String, labels: [String]) throws -> Bool {
    let notesPath = "\(model)/\(ModelNotes.file)"
    let thresholdsPath = "\(model)/\(ModelNotes.thresholdsFile)"
    guard var notes = try JSONValue(contentsOf: notesPath).object else {
      throw StorageError(.malformed, notesPath, "wanted a JSON object")
    }
    let json = thresholdsJSON(thresholds, labels: labels)
    let known = try JSONValue(contentsOf: thresholdsPath)
    let lacksCalibration = calibration != nil && fileKind("\(model)/\(CalibrationFile.name)") == nil
    guard json != known || notes[ModelNotes.topKKey]?.integer != topK || lacksCalibration else {
      return false
    }
    notes[ModelNotes.topKKey] = topK.map { .integer($0) }
    var files = [
      ModelNotes.file: JSONValue.object(notes).text() + "\n",
      ModelNotes.thresholdsFile: json.text(pretty: true) + "\n",
    ]
    files[CalibrationFile.name] = calibration.map { CalibrationFile.text($0) }
    try replaceDirectory(model, files: files)
    return true
  }

  private func replaceDirectory(_ path: String, files: [String: String]) throws {
    let pending = try PendingDirectory.begin(at: path)
    do {
      var records: [FileRecord] = []
      for name in try entries(of: path) where files[name] == nil && name != Manifest.fileName {
        records.append(try pending.copyFile("\(path)/\(name)", as: name))
      }
      for (name, text) in files.sorted(by: { $0.key < $1.key }) {
        records.append(try pending.writeFile(name) { try $0.write(text) })
      }
      try pending.commit(files: records)
    } catch {
      pending.abandon()
      throw error
    }
  }
}
