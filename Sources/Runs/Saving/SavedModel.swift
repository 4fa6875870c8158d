// The files of a saved model that are neither weights nor config.json: the tokenizer's, the
// decision thresholds, what `evaluate` and `predict` need to know, and the model card.

import Configuration
import Data
import Models
import Objectives
import Reporting
import Storage
import Text
import Training

/// Writes a run's model as a Hugging Face directory.
struct SavedModel<Source: ModelSource> {
  let experiment: Experiment
  let source: Source
  let model: Source.Model

  /// Writes all files but the manifest and returns their records.
  func write(
    _ directory: PendingDirectory, _ state: TrainingState, _ evaluation: Evaluation?
  ) throws -> [FileRecord] {
    var records = try source.save(model, labels: experiment.task.labels, into: directory)
    for file in experiment.inputFiles {
      records.append(try directory.writeFile(file.name) { try $0.write(file.bytes) })
    }
    let labels = experiment.task.labels
    let thresholds = experiment.configuration.evaluation.threshold.thresholds(
      from: evaluation?.histogram, labels: labels.count)
    records.append(
      try directory.writeFile(ModelNotes.thresholdsFile) {
        try $0.write(thresholdsJSON(thresholds, labels: labels).text(pretty: true) + "\n")
      })
    if let calibration = evaluation?.histogram.calibration() {
      records.append(
        try directory.writeFile(CalibrationFile.name) {
          try $0.write(CalibrationFile.text(calibration))
        })
    }
    records.append(
      try directory.writeFile(ModelNotes.file) {
        try $0.write(JSONValue.object(ModelNotes(experiment).json).text() + "\n")
      })
    records.append(
      try directory.writeFile("README.md") {
        try $0.write(ModelCard(experiment: experiment, state: state, evaluation: evaluation).text)
      })
    return records
  }
}

/// The content of `thresholds.json`.
package func thresholdsJSON(_ thresholds: Thresholds, labels: [String]) -> JSONValue {
  .object(JSONObject(zip(labels, thresholds.probabilities).map { ($0, .double($1)) }))
}

/// `ddp_train.json` of a saved model: how it was trained, as far as evaluating and
/// predicting need it.
package struct ModelNotes {
  package static let file = "ddp_train.json"
  package static let thresholdsFile = "thresholds.json"
  static let topKKey = "decide_top_k"

  package let maxLength: Int
  package let lossType: String
  package let lossOptions: [String: Double]
  package let counts: TrainingCounts
  package let positiveWeights: [Float]
  /// The k of the ranking metrics.
  package let topK: [Int]
  /// The fingerprint of the n-grams that the weights of TF-IDF features belong to; nil if there are
  /// none.
  package var tfidfVocabulary: String?
  /// Labels that each row is given, whatever their probability; nil if thresholds decide.
  package var decidedTopK: Int?

  package init(_ experiment: Experiment) {
    maxLength = experiment.configuration.model.maxLength
    lossType = experiment.configuration.loss.type
    lossOptions = experiment.configuration.loss.options
    counts = experiment.task.counts
    positiveWeights = experiment.positiveWeights
    topK = experiment.configuration.evaluation.topK
    tfidfVocabulary = experiment.tfidf?.vocabulary.fingerprint
    decidedTopK = experiment.configuration.evaluation.threshold.topK
  }

  package var json: JSONObject {
    var json: JSONObject = [
      "program": .string("\(Program.name) \(Program.version)"),
      "max_length": .integer(maxLength),
      "loss": .string(lossType),
      "loss_options": .object(
        JSONObject(lossOptions.sorted { $0.key < $1.key }.map { ($0, .double($1)) })),
      "training_rows": .integer(counts.rows),
      "training_positives": .array(counts.positives.map { .integer($0) }),
      "pos_weight": .array(positiveWeights.map { .double(Double($0)) }),
      "top_k": .array(topK.map { .integer($0) }),
    ]
    if counts.hasUnknownCells {
      json["training_known"] = .array(counts.known.map { .integer($0) })
    }
    if let decidedTopK { json[Self.topKKey] = .integer(decidedTopK) }
    if let tfidfVocabulary { json["word_features"] = .string(tfidfVocabulary) }
    return json
  }

  /// Reads the notes of a model with `labels` labels. Throws `StorageError` and `FileError`.
  package init(directory: String, labels: Int) throws {
    let path = "\(directory)/\(Self.file)"
    let json = try JSONValue(contentsOf: path)
    guard let maxLength = json["max_length"]?.integer, maxLength > 2,
      let type = json["loss"]?.string, let rows = json["training_rows"]?.integer,
      let positives = json["training_positives"]?.array?.compactMap(\.integer),
      let weights = json["pos_weight"]?.array?.compactMap(\.number),
      positives.count == labels, weights.count == labels, rows >= 0,
      let known = Self.known(json, rows: rows, labels: labels),
      zip(positives, known).allSatisfy({ (0...$1).contains($0) })
    else {
      throw StorageError(.malformed, path, "does not describe a model of \(labels) labels")
    }
    self.maxLength = maxLength
    lossType = type
    var options: [String: Double] = [:]
    if let object = json["loss_options"]?.object {
      for (name, value) in object { options[name] = value.number }
    }
    lossOptions = options
    counts = TrainingCounts(rows: rows, positives: positives, known: known)
    positiveWeights = weights.map { Float($0) }
    // Models that were saved before this key was were evaluated with the default.
    let ranks = json["top_k"]?.array?.compactMap(\.integer) ?? EvaluationSettings().topK
    guard !ranks.isEmpty, ranks.allSatisfy({ $0 > 0 }) else {
      throw StorageError(.malformed, path, "top_k must hold whole numbers of at least 1")
    }
    topK = ranks
    tfidfVocabulary = json["word_features"]?.string
    decidedTopK = json[Self.topKKey]?.integer.flatMap { $0 > 0 ? $0 : nil }
  }

  /// Rows of which each label is known: all, where the notes do not say. nil where they are wrong.
  private static func known(_ json: JSONValue, rows: Int, labels: Int) -> [Int]? {
    guard let value = json["training_known"] else { return Array(repeating: rows, count: labels) }
    let known = value.array?.compactMap(\.integer) ?? []
    return known.count == labels && known.allSatisfy((0...rows).contains) ? known : nil
  }
}
