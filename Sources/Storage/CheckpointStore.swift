import Memory

/// A checkpoint's directory.
public struct Checkpoint: Sendable, Equatable {
  /// The number of updates done when it was saved.
  public let step: Int
  /// The directory.
  public let path: String
}

/// A checkpoint that cannot be used.
public struct DamagedCheckpoint: Sendable, Equatable {
  /// Its name.
  public let name: String
  /// What is wrong with it.
  public let reason: String
  /// Where it was moved, out of the way; nil if it could not be moved.
  public let keptAs: String?
}

/// The checkpoints of a run, `step-00000120` and so on, in one directory. Only rank 0 may call what
/// changes the directory; entries that are not the store's own are never touched.
public struct CheckpointStore: Sendable {
  /// The directory that holds the checkpoints.
  public let directory: String

  /// The store in a directory, which need not exist yet.
  public init(directory: String) {
    self.directory = directory
  }

  /// The name of a step's checkpoint.
  public static func name(step: Int) -> String {
    let digits = String(step)
    return "step-" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
  }

  /// Where the checkpoint of a step stands, if there is one.
  public func path(step: Int) -> String { "\(directory)/\(Self.name(step: step))" }

  /// The step of a checkpoint's name, or nil for any other name.
  public static func step(name: String) -> Int? {
    guard name.hasPrefix("step-"), let step = Int(name.dropFirst(5)), step >= 0,
      Self.name(step: step) == name
    else { return nil }
    return step
  }

  /// Makes the directory, and clears away what a run that was killed left half written or half
  /// removed. Throws `FileError`, and `StorageError` of kind occupied.
  public func prepare() throws {
    try PendingDirectory.checkPlace(directory)
    try makeDirectories(directory)
    for name in try entries(of: directory) {
      for prefix in [".tmp-", ".old-"] where name.hasPrefix(prefix) {
        let rest = String(name.dropFirst(prefix.count))
        if Self.step(name: rest) != nil {
          try PendingDirectory.recover("\(directory)/\(rest)")
        } else if rest.hasPrefix("removed-") {
          try removeTree("\(directory)/\(name)")
        }
      }
    }
  }

  /// The checkpoints, oldest first, valid or not. Files, symbolic links and other names are passed
  /// over. Throws `FileError`.
  public func list() throws -> [Checkpoint] {
    guard fileKind(directory) != nil else { return [] }
    return try entries(of: directory).compactMap { name in
      let path = "\(directory)/\(name)"
      guard let step = Self.step(name: name), fileKind(path) == .directory else { return nil }
      return Checkpoint(step: step, path: path)
    }.sorted { $0.step < $1.step }
  }

  /// Begins a checkpoint; see `PendingDirectory`. Throws `FileError` and `StorageError`.
  public func begin(step: Int) throws -> PendingDirectory {
    try PendingDirectory.begin(at: path(step: step))
  }

  /// A checkpoint that rank 0 has begun, for the other ranks; see `PendingDirectory`.
  public func join(step: Int, unfinished: UnfinishedFiles? = nil) -> PendingDirectory {
    PendingDirectory(joining: path(step: step), unfinished: unfinished)
  }

  /// Finds the newest checkpoint whose files are all as its manifest says. Newer ones that are not
  /// are moved aside as `damaged-step-…` and returned with the reason. Throws `FileError` if the
  /// directory cannot be read.
  public func newestValid() throws -> (checkpoint: Checkpoint?, damaged: [DamagedCheckpoint]) {
    var damaged: [DamagedCheckpoint] = []
    for checkpoint in try list().reversed() {
      do {
        try Manifest(directory: checkpoint.path).validate(checkpoint.path)
        return (checkpoint, damaged)
      } catch {
        damaged.append(setAside(checkpoint, reason: "\(error)"))
      }
    }
    return (nil, damaged)
  }

  /// Moves a checkpoint that cannot be used out of the way, under a name that is free.
  public func setAside(_ checkpoint: Checkpoint, reason: String) -> DamagedCheckpoint {
    let name = Self.name(step: checkpoint.step)
    var target = "\(directory)/damaged-\(name)"
    var number = 1
    while fileKind(target) != nil {
      number += 1
      target = "\(directory)/damaged-\(name)-\(number)"
    }
    let isMoved = (try? renameEntry(checkpoint.path, to: target)) != nil
    return DamagedCheckpoint(name: name, reason: reason, keptAs: isMoved ? target : nil)
  }

  /// Removes the oldest checkpoints until `limit` are left, and returns their steps. The newest one
  /// and those of the steps in `keeping` (the best one) stay, even if more than `limit` are then
  /// left; and nothing is removed unless the newest one has all its files in full size. Throws
  /// `FileError`.
  public func rotate(limit: Int, keeping: Set<Int> = []) throws -> [Int] {
    let checkpoints = try list().filter { fileKind("\($0.path)/\(Manifest.fileName)") != nil }
    guard checkpoints.count > limit, let newest = checkpoints.last,
      let manifest = try? Manifest(directory: newest.path),
      (try? manifest.checkSizes(in: newest.path)) != nil
    else { return [] }
    let removable = checkpoints.dropLast().filter { !keeping.contains($0.step) }
    let removed = removable.prefix(checkpoints.count - limit)
    for checkpoint in removed { try remove(checkpoint) }
    return removed.map(\.step)
  }

  /// Removes a checkpoint. It loses its name first, so that a kill leaves no half of it to be found
  /// damaged. Throws `FileError`.
  public func remove(_ checkpoint: Checkpoint) throws {
    let doomed = "\(directory)/.tmp-removed-\(Self.name(step: checkpoint.step))"
    try removeTree(doomed)
    try renameEntry(checkpoint.path, to: doomed)
    try removeTree(doomed)
  }
}
