// From a data file to encoded rows, all ranks sharing the work: each reads and tokenizes its part,
// the parts are passed around, and one rank of each machine writes the cache that all of it map.

import Collectives
import Data
import Memory
import Reporting
import Storage

/// The rows of a file, and what its columns were taken for.
package struct LoadedRows {
  package let rows: StoredRows
  package let summary: SourceSummary

  /// What is worth a word beside the summary, a sentence each.
  package var remarks: [String] {
    summary.remarks + [emptyTexts, rows.repeatedIDs?.remark].compactMap(\.self)
  }

  private var emptyTexts: String? {
    guard let line = rows.emptyLines.first else { return nil }
    let count = rows.emptyLines.count
    let what =
      count == 1
      ? "1 row has no text (line \(line))"
      : "\(count) rows have no text (the first one on line \(line))"
    return what + (summary.emptyTexts == .skip ? ": left out" : ": such a row gets no labels")
  }
}

/// Loads data files for the ranks of a run.
package struct DataLoading {
  let communicator: Communicator
  /// What is kept of the texts.
  let content: RowContent
  private(set) var columns: DataColumns
  /// Where encoded rows are kept for the next start; nil keeps none.
  let cache: DatasetCache?
  /// Whether no two rows may have one id.
  let needsUniqueIDs: Bool

  package init(
    communicator: Communicator, content: RowContent, columns: DataColumns, cache: DatasetCache?,
    needsUniqueIDs: Bool = false
  ) {
    self.needsUniqueIDs = needsUniqueIDs
    self.communicator = communicator
    self.content = content
    self.columns = columns
    self.cache = cache
  }

  /// The same for files with other columns.
  package func reading(_ columns: DataColumns) -> DataLoading {
    var copy = self
    copy.columns = columns
    return copy
  }

  /// The rows of a file, from the cache if every machine has it.
  package func rows(of path: String) throws -> LoadedRows {
    let source = try open(path)
    let rows = try rows(of: source, path)
    if needsUniqueIDs {
      try communicator.everyRank {
        if let repeated = rows.repeatedIDs { throw source.problem(with: repeated) }
      }
    }
    return LoadedRows(rows: rows, summary: source.summary)
  }

  private func rows(of source: DataSource, _ path: String) throws -> StoredRows {
    let key = DatasetKey(source: source, keeping: content)
    try checkSameContent(key, path)
    let cached = lookup(key)
    if try communicator.allHave(cached != nil), let cached { return cached }
    let part = source.encode(
      part: communicator.rank, of: communicator.worldSize, keeping: content)
    let parts = try communicator.allGather(part.serialized)
    let whole = try communicator.everyRank {
      let parts = try parts.map { try EncodedRows(serialized: $0) }
      return StoredRows(try EncodedRows(concatenating: parts).checked(path: path))
    }
    return try store(whole, key)
  }

  /// A stream comes once, to rank 0, which hands all of it to the others.
  private func open(_ path: String) throws -> DataSource {
    guard try communicator.broadcast(communicator.isRoot && isStream(path)) else {
      return try communicator.everyRank { try DataSource(path: path, columns: columns) }
    }
    var bytes: [UInt8] = []
    try communicator.rootOnly { bytes = try MappedFile.contents(ofStream: path) }
    let stream = Vector(try communicator.broadcast(bytes))
    return try communicator.everyRank {
      try DataSource(
        path: path == "-" ? "standard input" : path, columns: columns, stream: stream)
    }
  }

  /// Each rank reads its part of the file: of files that differ, parts would be mixed.
  private func checkSameContent(_ key: DatasetKey, _ path: String) throws {
    let content = Array(String(key.content).utf8)
    let contents = try communicator.allGather(content)
    try communicator.everyRank {
      guard content == contents[0] else {
        throw Failure(
          .badData, "\(path): differs from the file of rank 0: give all machines the same file")
      }
    }
  }

  private func lookup(_ key: DatasetKey) -> StoredRows? {
    guard let cache, case .found(let rows) = cache.lookup(key) else { return nil }
    return rows
  }

  /// Writes the cache, and maps it if that worked; a cache that cannot be written costs the next
  /// start some seconds and nothing else.
  private func store(_ rows: StoredRows, _ key: DatasetKey) throws -> StoredRows {
    guard let cache else { return rows }
    if communicator.localRank == 0 {
      do { _ = try cache.write(rows, key: key) } catch {
        printWarning("the token cache was not written, the next start tokenizes again: \(error)")
      }
    }
    try communicator.barrier()
    return lookup(key) ?? rows
  }
}
