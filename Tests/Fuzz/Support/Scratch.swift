// What the fuzzers share: a file whose content changes at every input.

import Foundation

/// A file in memory-backed storage, if there is such storage, that parsers open by its path.
public struct ScratchFile: Sendable {
  /// Its path.
  public let path: String

  /// A file of that name of this process.
  public init(_ name: String) {
    let memory = "/dev/shm"
    let directory =
      FileManager.default.isWritableFile(atPath: memory) ? memory : NSTemporaryDirectory()
    path = "\(directory)/ddp-train-fuzz-\(getpid())-\(name)"
  }

  /// Replaces its content.
  public func write(_ bytes: some Sequence<UInt8>) {
    guard FileManager.default.createFile(atPath: path, contents: Data(bytes)) else {
      fatalError("cannot write \(path)")
    }
  }
}
