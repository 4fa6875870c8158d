import Foundation
import Memory

/// The directory of a saved model that is named by its own path, or by that of the run which
/// trained it, or of the encoder that a package has installed.
public func modelDirectory(of path: String) -> String {
  let best = RunDirectory(path: path).best
  if fileKind(best) == .directory { return best }
  return installedEncoder(named: path) ?? path
}

/// The names of the encoder that the extra `encoder` of the Python package installs. The last one
/// is where `launch/get-encoder` puts it.
private let installedEncoderNames: Set = [
  "all-MiniLM-L6-v2", "sentence-transformers/all-MiniLM-L6-v2", "models/all-MiniLM-L6-v2",
]

/// The directory that `DDP_TRAIN_ENCODER` names, which the Python package sets, if `name` is one
/// of its names and nothing in the working directory has it.
private func installedEncoder(named name: String) -> String? {
  guard installedEncoderNames.contains(name), fileKind(name) == nil else { return nil }
  return ProcessInfo.processInfo.environment["DDP_TRAIN_ENCODER"]
}

/// The layout of an `output_dir`.
public struct RunDirectory: Sendable {
  /// The directory.
  public let path: String

  /// The run in a directory, which need not exist yet.
  public init(path: String) {
    self.path = path
  }

  /// The config as resolved.
  public var config: String { "\(path)/config.json" }
  /// The log, one JSON object a line.
  public var metrics: String { "\(path)/metrics.jsonl" }
  /// The final metrics.
  public var results: String { "\(path)/results.json" }
  /// The final figures of each label.
  public var labels: String { "\(path)/labels.csv" }
  /// The scores of the best model on held-out rows.
  public var scores: String { "\(path)/scores.safetensors" }
  /// The report, a page for a browser.
  public var report: String { "\(path)/report.html" }
  /// The report of the differences to another run.
  public var comparison: String { "\(path)/comparison.html" }
  /// Held-out rows whose labels look wrong.
  public var suspicious: String { "\(path)/suspicious.csv" }
  /// What is worth knowing of the data.
  public var audit: String { "\(path)/audit.json" }
  /// The part of each row of the training file, if it was divided.
  public var splits: String { "\(path)/splits.csv" }
  /// The best model.
  public var best: String { "\(path)/best" }
  /// The checkpoints.
  public var checkpoints: CheckpointStore { CheckpointStore(directory: "\(path)/checkpoints") }

  /// Whether the directory holds a run, or a part of one.
  public var holdsRun: Bool {
    let hasFile = files.contains { fileKind($0) != nil }
    return hasFile || isOwnDirectory(best) || (try? checkpoints.list())?.isEmpty == false
  }

  /// Makes the directory, checks that it can be written, repairs what a killed run left, and makes
  /// `checkpoints/`. Throws `FileError`, and `StorageError` of kind occupied if something that
  /// is not a run's own stands in the way.
  public func prepare() throws {
    try makeDirectories(path)
    try checkWritable()
    try checkPlaces()
    try PendingDirectory.recover(best)
    for file in files {
      try removeTree(sibling(".tmp-\(lastComponent(of: file))", of: file))
    }
    try checkpoints.prepare()
  }

  /// Removes a run, and nothing but a run: the files that it names here, `best/` and the
  /// checkpoints as far as their manifests go; damaged checkpoints that were set aside stay. Throws
  /// `FileError`, and before removing anything `StorageError` of kind occupied if `config.json`
  /// or `best/` were not written by a run.
  public func overwrite() throws {
    guard fileKind(path) != nil else { return }
    try checkPlaces()
    try checkBestIsOwn()
    // What a kill left is repaired first: an old `best/` that comes back later would be
    // a stale one.
    try PendingDirectory.recover(best)
    if fileKind(checkpoints.directory) != nil { try checkpoints.prepare() }
    for file in files + eventFiles where file != config { try removeTree(file) }
    try removeOwnFiles(of: best)
    for checkpoint in try checkpoints.list() { try removeOwnFiles(of: checkpoint.path) }
    // The config goes last: while anything of the run is left, the directory still says so.
    try removeTree(config)
  }

  /// How the names of TensorBoard's files of a run begin and end.
  public static let eventFileName = (prefix: "events.out.tfevents.", suffix: ".ddp-train")

  /// TensorBoard's files of the run.
  public var eventFiles: [String] {
    ((try? entries(of: path)) ?? []).filter {
      $0.hasPrefix(Self.eventFileName.prefix) && $0.hasSuffix(Self.eventFileName.suffix)
    }.sorted().map { "\(path)/\($0)" }
  }

  /// The files that a run writes beside its directories.
  private var files: [String] {
    [
      config, metrics, results, labels, scores, report, comparison, suspicious, audit, splits,
    ]
  }

  private func checkWritable() throws {
    let probe = "\(path)/.tmp-probe"
    do {
      try OutputFile(path: probe).close()
      try removeTree(probe)
    } catch let error as FileError {
      throw FileError(path: path, operation: "write into", code: error.code)
    }
  }

  private func checkPlaces() throws {
    for file in files {
      if fileKind(file) == .directory {
        throw StorageError(
          .occupied, file, "a directory stands where a file is wanted; move it away")
      }
    }
    try PendingDirectory.checkPlace(best)
    try PendingDirectory.checkPlace(checkpoints.directory)
    if fileKind(best) == .directory, !isOwnDirectory(best), try !entries(of: best).isEmpty {
      throw StorageError(
        .occupied, best, "was not written by a run (no manifest.json); choose another output_dir")
    }
    if fileKind(config) != nil, (try? JSONValue(contentsOf: config))?["model_type"] != nil {
      throw StorageError(
        .occupied, config, "is the config of a model, not of a run; choose another output_dir")
    }
  }

  /// What a user has put into `best/` would be in the way of the next run's, and is not removed.
  private func checkBestIsOwn() throws {
    guard isOwnDirectory(best), let manifest = try? Manifest(directory: best) else { return }
    let own = Set(manifest.files.map(\.name) + [Manifest.fileName])
    guard let foreign = try entries(of: best).first(where: { !own.contains($0) }) else { return }
    throw StorageError(
      .occupied, "\(best)/\(foreign)", "was not written by the run; move it away first")
  }

  private func isOwnDirectory(_ path: String) -> Bool {
    fileKind(path) == .directory && fileKind("\(path)/\(Manifest.fileName)") != nil
  }

  /// Removes the files that a directory's manifest names, the manifest, and the directory if
  /// nothing is left in it.
  private func removeOwnFiles(of directory: String) throws {
    guard fileKind(directory) == .directory else { return }
    if isOwnDirectory(directory), let manifest = try? Manifest(directory: directory) {
      for file in manifest.files { try removeTree("\(directory)/\(file.name)") }
      try removeTree("\(directory)/\(Manifest.fileName)")
    }
    guard rmdir(directory) == 0 || [ENOTEMPTY, EEXIST].contains(errno) else {
      throw systemError(directory, "remove")
    }
  }
}
