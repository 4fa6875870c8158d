// Writing two models as one.

import Memory
import Models
import Objectives
import Reporting
import Runs
import Storage

/// A BERT and a linear model of the same labels.
struct Ensemble {
  private let bert: EncoderClassifier
  private let bertPath: String
  private let linear: LinearClassifier
  private let linearPath: String
  private let labels: [String]
  /// Those of the BERT, and the linear model's n-grams.
  private let notes: ModelNotes

  /// Throws where the two are not what can be joined.
  init(_ first: EnsembleMember, _ second: EnsembleMember) throws {
    let (firstPath, secondPath) = (first.path, second.path)
    guard let bert = first.part.model as? EncoderClassifier, bert.linear == nil else {
      throw Failure(
        .badData,
        "\(firstPath): the first model must be a BERT without TF-IDF features of its own. Swapped?")
    }
    guard let linear = second.part.model as? LinearClassifier else {
      throw Failure(.badData, "\(secondPath): the second model must be a linear model. Swapped?")
    }
    labels = first.loaded.labels.names
    guard labels == second.loaded.labels.names else {
      throw Failure(
        .badData,
        "\(secondPath): its labels are not those of \(firstPath): train both on the same data")
    }
    var notes = first.loaded.notes
    notes.tfidfVocabulary = second.loaded.vocabulary?.fingerprint
    self.notes = notes
    (self.bert, self.linear, bertPath, linearPath) = (bert, linear, firstPath, secondPath)
  }

  /// Throws where no joined model can be written at `path`: to be asked before the work begins.
  static func checkPlace(_ path: String) throws {
    let parent = parent(of: path)
    guard fileKind(parent) == .directory else {
      throw Failure(.missingInput, "\(parent): no such directory")
    }
    guard fileKind(path) == nil else {
      throw Failure(.badConfiguration, "\(path): already exists; choose another --output")
    }
  }

  /// Writes the encoder's directory with the linear model beside it, both multiplied by their
  /// weights.
  func save(to path: String, weights: EnsembleWeights, decisions: EnsembleDecisions) throws {
    try Self.checkPlace(path)
    let pending = try PendingDirectory.begin(at: path)
    do {
      try pending.commit(files: try write(into: pending, weights: weights, decisions: decisions))
    } catch {
      pending.abandon()
      throw error
    }
  }

  private func write(
    into pending: PendingDirectory, weights: EnsembleWeights, decisions: EnsembleDecisions
  ) throws -> [FileRecord] {
    let part = linear.linear
    guard let linearWeights = part.weights else {
      preconditionFailure("a loaded linear model has its weights")
    }
    // Copies: nothing of the models changes.
    let joined = LinearPart(featureCount: part.featureCount, labelCount: part.labelCount)
    joined.weights = linearWeights.scaled(byColumn: weights.linear)
    let description = try ModelDescription(
      ModelDirectory(path: bertPath), labels: labels, hasLinearPart: true)
    var records = try description.save(into: pending)
    records.append(
      try pending.writeFile("README.md") { try $0.write(card(description, weights)) })
    let made = Set(records.map(\.name)).union([
      "model.safetensors", ModelNotes.thresholdsFile, CalibrationFile.name, ModelNotes.file,
      Manifest.fileName,
    ])
    for name in try entries(of: bertPath) where !made.contains(name) && !name.hasSuffix(".py") {
      records.append(try pending.copyFile("\(bertPath)/\(name)", as: name))
    }
    records.append(
      try pending.copyFile("\(linearPath)/\(TFIDFInputs.fileName)", as: TFIDFInputs.fileName))
    records.append(try joined.save(into: pending))
    records.append(
      try bert.saveWeights(
        scaling: weights.encoder, addingToBias: weights.bias(linear.bias), into: pending))
    records.append(
      try pending.writeFile(ModelNotes.file) {
        try $0.write(JSONValue.object(notes.json).text() + "\n")
      })
    records.append(
      try pending.writeFile(ModelNotes.thresholdsFile) {
        let thresholds = thresholdsJSON(decisions.thresholds, labels: labels)
        try $0.write(thresholds.text(pretty: true) + "\n")
      })
    records.append(
      try pending.writeFile(CalibrationFile.name) {
        try $0.write(CalibrationFile.text(decisions.calibration))
      })
    return records
  }

  /// The model card.
  private func card(_ description: ModelDescription, _ weights: EnsembleWeights) -> String {
    """
    ---
    library_name: transformers
    pipeline_tag: text-classification
    tags:
    - multi-label
    - ddp-train
    ---

    # A multi-label text classifier

    \(labels.count) labels. An ensemble of a BERT and a linear model on TF-IDF features, made by \
    \(Program.name) \(Program.version): the logits of both are added. Of the linear model: \
    \(weights.summary).

    `thresholds.json` gives the probability from which each label is decided to hold.

    \(ModelUsage(description).text(maxLength: notes.maxLength))
    """
  }
}
