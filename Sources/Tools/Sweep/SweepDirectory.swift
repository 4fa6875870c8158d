// The files of a sweep besides those of its runs. Only rank 0 may use them.

import Foundation
import Reporting
import Storage

/// The layout of a sweep's directory.
struct SweepDirectory {
  let path: String

  /// What is known of all variants.
  var record: String { "\(path)/sweep.json" }
  /// The table.
  var table: String { "\(path)/sweep.md" }
  /// The configuration of the best variant.
  var bestConfiguration: String { "\(path)/best-config.json" }

  /// The directory of a variant's run.
  func run(_ variant: SweepVariant) -> RunDirectory {
    RunDirectory(path: variant.configuration.outputDirectory)
  }

  /// Makes the directory.
  func prepare() throws { try makeDirectories(path) }

  /// The record of an earlier start; empty where there is none.
  func storedRecord() throws -> [UInt8] {
    guard fileKind(record) != nil else { return [] }
    return Array(try JSONValue(contentsOf: record).text().utf8)
  }

  /// A variant's results.json.
  func results(of variant: SweepVariant) throws -> [UInt8] {
    Array(try JSONValue(contentsOf: run(variant).results).text().utf8)
  }

  /// What results.json says of a variant's end; nil without one of this very configuration.
  func end(of variant: SweepVariant) throws -> RunEnd? {
    let run = run(variant)
    guard fileKind(run.results) != nil, fileKind(run.config) != nil,
      variant.configuration.chosen(by: try JSONValue(contentsOf: run.config)) != nil
    else { return nil }
    return try JSONValue(contentsOf: run.results).object.flatMap(RunResults.init)?.endedBy
  }

  /// Writes the record and the table and, where the sweep has ended, the best configuration.
  func write(_ sweep: SweepRecord, finally isEnd: Bool = false) throws {
    try sweep.json.write(to: record)
    try PendingFile.write(SweepTable(record: sweep).text, to: table)
    guard isEnd, let best = sweep.ranking.first, var json = best.configuration.resolved.object
    else { return }
    // A run of one's own, at the place that the swept configuration names.
    json["output_dir"] = sweep.plan.base["output_dir"] ?? .string("\(path)/best")
    try JSONValue.object(json).write(to: bestConfiguration)
  }

  /// Removes the checkpoints of a variant that has ended: nothing goes on from them.
  func removeCheckpoints(of variant: SweepVariant) throws {
    let store = run(variant).checkpoints
    for checkpoint in try store.list() { try store.remove(checkpoint) }
  }

  /// Removes the runs that the record names, and the sweep's own files.
  func overwrite() throws {
    guard fileKind(record) != nil else { return }
    for variant in try JSONValue(contentsOf: record)["variants"]?.array ?? [] {
      guard let name = variant["directory"]?.string, isPlainName(name) else { continue }
      let run = RunDirectory(path: "\(path)/\(name)")
      try run.overwrite()
      rmdir(run.checkpoints.directory)
      rmdir(run.path)
    }
    for file in [table, bestConfiguration, record] { try removeTree(file) }
  }
}
