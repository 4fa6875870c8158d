// A saved model as `evaluate` and `predict` use it.

import Collectives
import Data
import Memory
import Models
import Objectives
import Storage
import Text

/// A classifier with its tokenizer, labels and notes, read from a directory.
struct LoadedModel {
  let directory: ModelDirectory
  let tokenizer: WordPieceTokenizer
  let labels: LabelSet
  let notes: ModelNotes
  let thresholds: Thresholds

  /// Reads all but the weights.
  init(path: String) throws {
    directory = try ModelDirectory(path: path)
    guard let names = directory.labels else {
      throw ModelError.unsupported(
        path: "\(path)/config.json", "has no labels (id2label): this is an encoder, no classifier")
    }
    labels = try LabelSet(ordered: names)
    tokenizer = try WordPieceTokenizer(directory: path)
    try directory.configuration.check(tokenizer, path: path)
    notes = try ModelNotes(directory: path, labels: names.count)
    thresholds = try Self.thresholds(path, names)
  }

  private static func thresholds(_ path: String, _ labels: [String]) throws -> Thresholds {
    let file = "\(path)/\(ModelNotes.thresholdsFile)"
    let json = try JSONValue(contentsOf: file)
    return Thresholds(
      try labels.map { label in
        guard let value = json[label]?.number, value > 0, value < 1 else {
          throw StorageError(
            .malformed, file, "has no threshold between 0 and 1 for the label \"\(label)\"")
        }
        return value
      })
  }

  /// The rows of a data file, tokenized by all ranks. Nothing is cached: files come once.
  func rows(
    of path: String, columns: DataColumns, readsLabels: Bool, _ communicator: Communicator
  ) throws -> Dataset {
    var columns = columns
    columns.readsLabels = readsLabels
    let loading = DataLoading(
      communicator: communicator, tokenizer: tokenizer, maxLength: notes.maxLength,
      columns: columns, cache: nil)
    return Dataset(try loading.rows(of: path), labels: labels)
  }

  /// The model with its weights, and a workspace for chunks of the rows.
  func model(for dataset: Dataset, chunks: [Range<Int>]) throws -> (BertClassifier, Workspace) {
    let lengths = dataset.rowLengths
    let model = BertClassifier(
      directory.configuration, pooling: directory.pooling, labelCount: labels.count,
      longestRow: lengths.max() ?? 2)
    let parts = try directory.load(into: model, labels: labels.names)
    guard parts.hasClassifier, parts.hasPooler else {
      throw ModelError.missingTensor(
        path: directory.path, name: parts.hasPooler ? "classifier.weight" : "bert.pooler.dense")
    }
    let largest =
      chunks.map { chunk in
        model.evaluationSize(tokens: lengths[chunk].reduce(0, +), rows: chunk.count)
      }.max() ?? 0
    return (model, Workspace(capacity: largest))
  }
}
