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
  init(
    _ first: InferenceSession, _ firstPath: String, _ second: InferenceSession,
    _ secondPath: String
  ) throws {
    guard let bert = first.model as? EncoderClassifier, bert.linear == nil else {
      throw Failure(.badData, "\(firstPath): is no BERT without a linear part")
    }
    guard let linear = second.model as? LinearClassifier else {
      throw Failure(.badData, "\(secondPath): is no linear model")
    }
    labels = first.loaded.labels.names
    guard labels == second.loaded.labels.names else {
      throw Failure(
        .badData,
        "\(secondPath): its labels are not those of \(firstPath): train both on the same data")
    }
    var notes = first.loaded.notes
    notes.wordFeatures = second.loaded.vocabulary?.fingerprint
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

  /// Writes the BERT's directory with `scale` times the linear model beside it.
  /// - Parameter thresholds: the probability from which each label is decided to hold.
  func save(to path: String, scale: Float, thresholds: Thresholds) throws {
    try Self.checkPlace(path)
    let pending = try PendingDirectory.begin(at: path)
    do {
      try pending.commit(files: try write(into: pending, scale: scale, thresholds: thresholds))
    } catch {
      pending.abandon()
      throw error
    }
  }

  private func write(
    into pending: PendingDirectory, scale: Float, thresholds: Thresholds
  ) throws -> [FileRecord] {
    guard let part = linear.linear, let weights = part.weights else {
      preconditionFailure("a loaded linear model has its weights")
    }
    // Copies: nothing of the models changes.
    let joined = LinearPart(featureCount: part.featureCount, labelCount: part.labelCount)
    joined.weights = weights.scaled(by: scale)
    let made: Set = [
      "model.safetensors", ModelNotes.thresholdsFile, ModelNotes.file, Manifest.fileName,
    ]
    var records: [FileRecord] = []
    for name in try entries(of: bertPath) where !made.contains(name) {
      records.append(try pending.copyFile("\(bertPath)/\(name)", as: name))
    }
    records.append(
      try pending.copyFile("\(linearPath)/\(WordInputs.fileName)", as: WordInputs.fileName))
    records.append(try joined.save(into: pending))
    records.append(try bert.saveWeights(addingToBias: linear.bias, times: scale, into: pending))
    records.append(
      try pending.writeFile(ModelNotes.file) {
        try $0.write(JSONValue.object(notes.json).text() + "\n")
      })
    let probabilities = JSONObject(
      zip(labels, thresholds.probabilities).map { ($0, .double($1)) })
    records.append(
      try pending.writeFile(ModelNotes.thresholdsFile) {
        try $0.write(JSONValue.object(probabilities).text(pretty: true) + "\n")
      })
    return records
  }
}
