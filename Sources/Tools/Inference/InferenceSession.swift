// What `evaluate` and `predict` have in common: a saved model, and the rows of a file in chunks.

import Collectives
import Data
import Kernels
import Memory
import Models
import Objectives
import Reporting
import Storage
import Training

/// A saved model and the rows that all ranks are about to run through it.
struct InferenceSession {
  /// Tokens of a chunk at most; a longer row is a chunk by itself.
  static let batchTokens = 4_096

  let loaded: LoadedModel
  /// The rows with a text.
  let dataset: Dataset
  /// All rows of the file.
  let all: Dataset
  let chunks: [Range<Int>]
  let model: any Classifier
  let workspace: Workspace
  /// The file for the results, begun before the work that fills it; on rank 0 only.
  let output: PendingFile?
  /// Seconds that reading and tokenizing the rows took.
  let readingSeconds: Double

  /// What a session reads.
  struct Input {
    /// Path of the file with the rows.
    let path: String
    let columns: DataColumns
    let readsLabels: Bool
    /// Whether texts are kept that the model itself does not read.
    var keepsTexts = false
    /// Those rows of the file that are read; nil for all.
    var rows: [Int]?
    /// Whether no two rows may have one id.
    var needsUniqueIDs = false
  }

  /// - Parameter output: path of the file for the results; nil for none.
  init(model path: String, _ input: Input, output: String?, _ communicator: Communicator) throws {
    setMatrixProductThreads(matrixProductThreadsWanted)
    let loaded = try communicator.everyRank { try LoadedModel(path: path) }
    var file: PendingFile?
    try communicator.rootOnly { file = try output.map(Self.begin) }
    let start = ContinuousClock.now
    let rows = try loaded.rows(of: input, communicator)
    all = try communicator.everyRank {
      try rows.taking(input.rows, of: input.path)
    }
    let dataset = Self.withTexts(all)
    readingSeconds = (ContinuousClock.now - start) / .seconds(1)
    let chunks = evaluationChunks(rowLengths: dataset.rowLengths, tokenBudget: Self.batchTokens)
    (model, workspace) = try communicator.everyRank {
      try loaded.model(for: [dataset], batchTokens: Self.batchTokens)
    }
    (self.loaded, self.dataset, self.chunks, self.output) = (loaded, dataset, chunks, file)
  }

  /// A model that is there and rows that were read, on one rank.
  init(_ loaded: LoadedModel, _ model: any Classifier, rows: Dataset) throws {
    (self.loaded, self.model, all) = (loaded, model, rows)
    dataset = Self.withTexts(rows)
    chunks = evaluationChunks(rowLengths: dataset.rowLengths, tokenBudget: Self.batchTokens)
    workspace = LoadedModel.workspace(
      for: model, [dataset.rowLengths], batchTokens: Self.batchTokens)
    (output, readingSeconds) = (nil, 0)
  }

  private static func withTexts(_ all: Dataset) -> Dataset {
    let rows = (0..<all.rowCount).filter { !all.isEmpty($0) }
    return rows.count == all.rowCount ? all : all.subset(rows)
  }

  /// The rows of the file that belong to a chunk: its own, and those without a text before them, or
  /// behind the last one.
  func fileRows(of chunk: Range<Int>) -> Range<Int> {
    let lower = chunk.lowerBound == 0 ? 0 : dataset.storedRow(chunk.lowerBound)
    let upper =
      chunk.upperBound == dataset.rowCount ? all.rowCount : dataset.storedRow(chunk.upperBound)
    return lower..<upper
  }

  /// The metrics of the model on the rows: at 0.5, and by its own thresholds, whose names end in
  /// `_saved`. Collective.
  /// - Parameter topK: the k of the ranking metrics; empty for those of the model's training.
  func evaluate(
    topK: [Int] = [], hasIntervals: Bool, _ communicator: Communicator
  ) throws -> Evaluation {
    let criteria = try communicator.everyRank {
      try loaded.criteria(
        topK: topK.isEmpty ? loaded.notes.topK : topK, batchTokens: Self.batchTokens)
    }
    func evaluate(_ model: some Classifier) throws -> Evaluation {
      let evaluator = Evaluator(model, criteria, communicator, workspace)
      return try evaluator.evaluate(dataset, hasIntervals: hasIntervals) { _ in
        [loaded.decision]
      }
    }
    return try evaluate(model)
  }

  /// Begins the output file. Throws exit code 74 where that cannot be.
  static func begin(_ path: String) throws -> PendingFile {
    // Two processes may be asked for the same file: the last one's stands there whole.
    do { return try PendingFile(path: path, isShared: true) } catch let error as FileError {
      let failure = FileError(path: path, operation: error.operation, code: error.code)
      throw Failure(.inputOutput, "\(failure)")
    }
  }
}

extension Dataset {
  /// Those rows of all of a file; nil for all.
  func taking(_ rows: [Int]?, of path: String) throws -> Dataset {
    guard let rows else { return self }
    guard rows.allSatisfy({ $0 < rowCount }) else {
      throw Failure(
        .badData,
        "\(path): has \(rowCount) rows, fewer than when its rows were set aside; give the rows by --data"
      )
    }
    return subset(rows)
  }
}
