// The rows that `ddp-train compare` lets models answer: those of --data, else test rows, else
// validation rows that all of the runs held out.

import Configuration
import Data
import Memory
import Reporting
import Storage

/// Labeled rows that runs are compared on.
struct ComparedRows {
  /// The file.
  let path: String
  let columns: DataColumns
  /// Which rows of the file; nil for all.
  var rows: [Int]?
  /// The part of the runs' data that they are; nil for what the user gave.
  var part: RunPart?

  /// Throws exit code 64 where the runs have no rows in common that they held out.
  init(_ options: CompareOptions, _ runs: [ComparedRun]) throws {
    if let data = options.data {
      (path, columns) = (data, options.columns)
      return
    }
    for part in [RunPart.test, .validation] {
      guard let found = try Self.common(part, of: runs) else { continue }
      self = found
      return
    }
    let lacking = runs.first { $0.configuration == nil }
    throw Failure(
      .usage,
      (lacking.map { "\($0.path): a model without its run names no rows" }
        ?? "the runs held out different rows, none of them all")
        + "; give the rows to compare them on by --data")
  }

  private init(_ heldOut: HeldOutRows, _ columns: DataColumns, _ part: RunPart) {
    (path, rows, self.part, self.columns) = (heldOut.path, heldOut.rows, part, columns)
  }

  /// The rows of a part that all runs have; nil where there are none.
  private static func common(_ part: RunPart, of runs: [ComparedRun]) throws -> ComparedRows? {
    var common: HeldOutRows?
    for run in runs {
      guard let rows = try run.heldOut(part) else { return nil }
      guard let both = common.map({ $0.intersection(rows) }) ?? rows else { return nil }
      common = both
    }
    guard let common, let configuration = runs.first?.configuration else { return nil }
    return ComparedRows(common, configuration.data.columns(), part)
  }

  /// What to know of the rows, for the reader.
  var summary: String {
    switch part {
    case .validation:
      "validation rows: the best models and their thresholds were chosen on them, so that all figures "
        + "are a little too good"
    case .test: "test rows"
    case nil: "the rows of --data"
    }
  }
}

/// Rows that a run did not train on.
struct HeldOutRows {
  let path: String
  /// Of the file, ascending; nil for all.
  let rows: [Int]?

  /// Those that both held out; nil where there are none.
  func intersection(_ other: HeldOutRows) -> HeldOutRows? {
    guard path == other.path, (rows == nil) == (other.rows == nil) else { return nil }
    guard let rows, let others = other.rows.map(Set.init) else { return self }
    let both = rows.filter(others.contains)
    return both.isEmpty ? nil : HeldOutRows(path: path, rows: both)
  }
}

extension ComparedRun {
  /// The rows of a part: of its file, else those that were set aside; nil where there are none.
  func heldOut(_ part: RunPart) throws -> HeldOutRows? {
    guard let data = configuration?.data else { return nil }
    if let path = part == .test ? data.test : data.validation {
      return HeldOutRows(path: path, rows: nil)
    }
    guard let split = try split else { return nil }
    let rows = part == .test ? split.test : split.validation
    return rows.isEmpty ? nil : HeldOutRows(path: data.train, rows: rows)
  }

  /// How the rows of its training file were divided; nil where they were not.
  var split: DataSplit? {
    get throws {
      let file = RunDirectory(path: path).splits
      guard configuration?.data.isSplit == true, fileKind(file) != nil else { return nil }
      return try DataSplit(csv: MappedFile(path: file).bytes.array, path: file)
    }
  }
}
