// What `evaluate` and `predict` have in common: a saved model, and the rows of a file in chunks.

import Collectives
import Data
import Kernels
import Memory
import Models
import Storage

/// A saved model and the rows that all ranks are about to run through it.
struct InferenceSession {
  /// Tokens of a chunk at most; a longer row is a chunk by itself.
  static let batchTokens = 4_096

  let loaded: LoadedModel
  let dataset: Dataset
  let chunks: [Range<Int>]
  let model: BertClassifier
  let workspace: Workspace
  /// The file for the results, begun before the work that fills it; on rank 0 only.
  let output: PendingFile?

  /// - Parameter output: path of the file for the results; nil for none.
  init(
    model path: String, data: String, columns: DataColumns, readsLabels: Bool, output: String?,
    _ communicator: Communicator
  ) throws {
    setMatrixProductThreads(matrixProductThreadsWanted)
    let loaded = try communicator.everyRank { try LoadedModel(path: path) }
    var file: PendingFile?
    try communicator.rootOnly { file = try output.map(Self.begin) }
    let dataset = try loaded.rows(
      of: data, columns: columns, readsLabels: readsLabels, communicator)
    let chunks = evaluationChunks(rowLengths: dataset.rowLengths, tokenBudget: Self.batchTokens)
    (model, workspace) = try communicator.everyRank {
      try loaded.model(for: dataset, chunks: chunks)
    }
    (self.loaded, self.dataset, self.chunks, self.output) = (loaded, dataset, chunks, file)
  }

  /// Begins the output file. Throws exit code 74 where that cannot be.
  private static func begin(_ path: String) throws -> PendingFile {
    do { return try PendingFile(path: path) } catch let error as FileError {
      let failure = FileError(path: path, operation: error.operation, code: error.code)
      throw Failure(.inputOutput, "\(failure)")
    }
  }
}
