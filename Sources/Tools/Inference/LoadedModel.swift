// A saved model as `evaluate`, `compare` and `predict` use it.

import Collectives
import Data
import Memory
import Models
import Objectives
import Reporting
import Runs
import Storage
import Text
import Training

/// A classifier with what reads its rows, its labels and notes, from a directory.
struct LoadedModel {
  /// The directory of a BERT; nil for a linear model.
  private let bert: ModelDirectory?
  private let path: String
  /// What makes tokens of texts; nil for a linear model.
  let tokenizer: (any Tokenizer)?
  /// The n-grams of a linear model, or of a BERT's linear part.
  let vocabulary: NGramVocabulary?
  let labels: LabelSet
  let notes: ModelNotes
  let thresholds: Thresholds
  /// How scores become probabilities; nil of a model that was saved without.
  let calibration: LabelCalibration?
  /// By what it is decided which labels a row is given.
  var decision: EvaluationMeasures.Decision {
    notes.decidedTopK.map { .init(.saved, topK: $0, labels: labels.count) }
      ?? .init(.saved, thresholds: thresholds)
  }

  /// Reads all but the weights.
  init(path: String) throws {
    self.path = path
    let configuration = "\(path)/config.json"
    let json = try JSONValue(contentsOf: configuration)
    let isLinear = json["model_type"]?.string == LinearClassifier.modelType
    bert = isLinear ? nil : try ModelDirectory(path: path)
    guard let names = try ModelDirectory.labels(json, path: configuration) else {
      throw ModelError.unsupported(
        path: configuration, "has no labels (id2label): this is an encoder, no classifier")
    }
    try ModelDirectory.checkLabels(json, path: configuration)
    labels = try LabelSet(ordered: names)
    tokenizer = try bert.map {
      let tokenizer = try loadTokenizer(directory: path)
      try $0.configuration.check(tokenizer, path: path)
      return tokenizer
    }
    notes = try ModelNotes(directory: path, labels: names.count)
    vocabulary = try Self.vocabulary(path, notes, isNeeded: isLinear)
    thresholds = try Self.thresholds(path, names)
    calibration = try CalibrationFile.read(directory: path, labels: names.count)
  }

  /// Throws also where the n-grams are not those that the model was saved with.
  private static func vocabulary(
    _ path: String, _ notes: ModelNotes, isNeeded: Bool
  ) throws -> NGramVocabulary? {
    let file = "\(path)/\(TFIDFInputs.fileName)"
    let hasWeights = fileKind("\(path)/\(LinearPart.fileName)") != nil
    guard isNeeded || hasWeights || notes.tfidfVocabulary != nil || fileKind(file) != nil else {
      return nil
    }
    let bytes = try MappedFile(path: file).bytes.array
    let vocabulary = try NGramVocabulary(fileContent: bytes, path: file)
    guard vocabulary.fingerprint == notes.tfidfVocabulary ?? vocabulary.fingerprint else {
      throw ModelError.mismatch(
        path: file,
        "are not the n-grams that the model was saved with: features.tsv and weights belong to "
          + "different models")
    }
    return vocabulary
  }

  private static func thresholds(_ path: String, _ labels: [String]) throws -> Thresholds {
    let file = "\(path)/\(ModelNotes.thresholdsFile)"
    let json = try JSONValue(contentsOf: file)
    // Renamed in one of the files alone.
    let known = Set(labels)
    if let other = json.object?.keys.first(where: { !known.contains($0) }) {
      throw StorageError(
        .malformed, file,
        "has a threshold for \"\(other)\", which is no label of config.json: rename labels in id2label, "
          + "label2id and here alike")
    }
    return Thresholds(
      try labels.map { label in
        guard let value = json[label]?.number, value > 0, value < 1 else {
          throw StorageError(
            .malformed, file, "has no threshold between 0 and 1 for the label \"\(label)\"")
        }
        return value
      })
  }

  /// What is kept of texts: what the model reads, and the texts themselves where they are wanted.
  func content(keepsTexts: Bool = false) -> RowContent {
    guard let tokenizer else { return .texts }
    return vocabulary == nil && !keepsTexts
      ? .tokens(tokenizer, maxLength: notes.maxLength)
      : .tokensAndTexts(tokenizer, maxLength: notes.maxLength)
  }

  /// The rows of a data file, read by all ranks. Nothing is cached: files come once.
  func rows(
    of input: InferenceSession.Input, _ communicator: Communicator
  ) throws -> Dataset {
    var columns = input.columns
    columns.readsLabels = input.readsLabels
    let loading = DataLoading(
      communicator: communicator, content: content(keepsTexts: input.keepsTexts), columns: columns,
      cache: nil, needsUniqueIDs: input.needsUniqueIDs)
    let loaded = try loading.rows(of: input.path)
    if communicator.isRoot {
      let remarks =
        loaded.remarks + loaded.summary.remarks(onLabels: labels.names, owner: "the model")
      for remark in remarks { printNote("\(input.path): \(remark)") }
    }
    return try dataset(of: loaded.rows, communicator)
  }

  /// Rows with all that the model reads of them.
  func dataset(of rows: StoredRows, _ communicator: Communicator) throws -> Dataset {
    let dataset = Dataset(rows, labels: labels)
    guard let vocabulary else { return dataset }
    return dataset.with(
      tfidf: try TFIDFLoading(communicator: communicator)
        .features(of: dataset.stored, vocabulary))
  }

  /// The model with its weights, and a workspace for chunks of the rows.
  /// - Parameter batchTokens: tokens of a chunk at most; a longer row is a chunk by itself.
  func model(for parts: [Dataset], batchTokens: Int) throws -> (any Classifier, Workspace) {
    let lengths = parts.map(\.rowLengths)
    let longest = lengths.compactMap { $0.max() }.max() ?? 2
    let model = try model(longestRow: longest)
    return (model, Self.workspace(for: model, lengths, batchTokens: batchTokens))
  }

  /// The model with its weights.
  func model(longestRow: Int) throws -> any Classifier {
    try bert.map { try classifier($0, longestRow: longestRow) } ?? linearModel()
  }

  /// A workspace for chunks of the rows of some parts, of which the lengths are given.
  static func workspace(
    for model: any Classifier, _ parts: [[Int]], batchTokens: Int
  ) -> Workspace {
    let sizes = parts.flatMap { lengths in
      evaluationChunks(rowLengths: lengths, tokenBudget: batchTokens).map { chunk in
        model.evaluationSize(tokens: lengths[chunk].reduce(0, +), rows: chunk.count)
      }
    }
    return Workspace(capacity: sizes.max() ?? 0)
  }

  /// By what the model was judged in training.
  func criteria(topK: [Int], batchTokens: Int) throws -> EvaluationCriteria {
    EvaluationCriteria(
      loss: try LossRegistry.make(
        notes.lossType, options: notes.lossOptions, counts: notes.counts,
        positiveWeights: notes.positiveWeights),
      counts: notes.counts, topK: topK, batchTokens: batchTokens)
  }

  private func classifier(
    _ directory: ModelDirectory, longestRow: Int
  ) throws -> any Classifier {
    var options = ClassifierOptions(
      pooling: try directory.pooling(), labelCount: labels.count, longestRow: longestRow)
    options.linear = vocabulary.map {
      LinearPart(featureCount: $0.count, labelCount: labels.count)
    }
    let model = EncoderClassifier(directory.configuration, options)
    let parts = try directory.load(into: model, labels: labels.names)
    guard parts.hasClassifier, parts.hasPooler else {
      throw ModelError.missingTensor(
        path: directory.path,
        name: parts.hasPooler ? "classifier.weight" : directory.configuration.ownHead.dense)
    }
    try options.linear?.load(from: path)
    return model
  }

  private func linearModel() throws -> any Classifier {
    let model = LinearClassifier(
      LinearPart(featureCount: vocabulary?.count ?? 0, labelCount: labels.count))
    try model.loadWeights(from: path)
    return model
  }
}
