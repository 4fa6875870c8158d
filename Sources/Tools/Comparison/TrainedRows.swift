// Rows that a run was trained on: what it says of them is no measure of what it has learned.

import Collectives
import Data
import Reporting
import Runs
import Storage

/// Finds compared rows among the training rows of runs, by their texts.
struct TrainedRows {
  private let hashes: TextHashes
  private let communicator: Communicator

  /// Reads the texts of the rows. Collective.
  init(_ rows: ComparedRows, _ communicator: Communicator) throws {
    self.communicator = communicator
    let all = try Self.texts(of: rows.path, rows.columns, communicator)
    hashes = TextHashes(try communicator.everyRank { try all.taking(rows.rows, of: rows.path) })
  }

  /// How many of the rows have the text of a row that the run was trained on; nil where its
  /// training rows are not known any more. Collective.
  func count(of run: ComparedRun) throws -> Int? {
    guard let data = run.configuration?.data else { return nil }
    // A file that a machine lacks is lacking.
    guard try communicator.allHave(fileKind(data.train) != nil) else { return nil }
    let all = try Self.texts(of: data.train, data.columns(), communicator)
    return try communicator.everyRank {
      let split = try run.split
      let isWhole = split.map { $0.rowCount == all.rowCount } ?? true
      guard isWhole else { return nil }
      let training = split.map { all.subset($0.training) } ?? all
      return hashes.rowCount(sharedWith: TextHashes(training))
    }
  }

  private static func texts(
    of path: String, _ columns: DataColumns, _ communicator: Communicator
  ) throws -> Dataset {
    var columns = columns
    columns.readsLabels = false
    let loading = DataLoading(
      communicator: communicator, content: .texts, columns: columns, cache: nil)
    return Dataset(try loading.rows(of: path).rows)
  }
}
