// The two kinds of files that a checkpoint has beside a model's own.

import Foundation
import Memory
import Storage

/// `training_state.json`: the state, and the configuration and data that it belongs to.
struct StateFile {
  static let name = "training_state.json"

  let state: TrainingState
  let configuration: Configuration
  let fingerprint: String

  /// Reads the file of a checkpoint. Throws `StorageError` and `FileError`.
  init(directory: String) throws {
    let path = "\(directory)/\(Self.name)"
    let json = try JSONValue(contentsOf: path)
    guard json["format"]?.integer == 1, let stateJSON = json["state"],
      let state = TrainingState(stateJSON), let resolved = json["configuration"],
      let fingerprint = json["data"]?.string
    else {
      throw StorageError(.malformed, path, "is not the state of a run of this version")
    }
    self.state = state
    configuration = try Configuration(resolved, source: path)
    self.fingerprint = fingerprint
  }
}

/// Names of the moments' pieces and files.
enum MomentPiece: String {
  case first = "first_moment"
  case second = "second_moment"

  /// The piece that begins at `offset` of the parameter buffer.
  func name(_ offset: Int) -> String { "\(rawValue).\(offset)" }

  /// The file of one rank.
  static func file(rank: Int, of ranks: Int) -> String {
    "optimizer-\(rank)-of-\(ranks).safetensors"
  }
}

/// Reads moments that any number of ranks has written.
struct MomentReader {
  private struct Piece {
    let file: SafetensorsFile
    let name: String
    let range: Range<Int>
  }

  private let directory: String
  private let files: [SafetensorsFile]

  /// Opens the files of a checkpoint. Throws `StorageError` and `FileError`.
  init(directory: String) throws {
    self.directory = directory
    files = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
      .filter { $0.hasPrefix("optimizer-") && $0.hasSuffix(".safetensors") }
      .map { try SafetensorsFile(path: "\(directory)/\($0)") }
  }

  /// Fills the moments of the optimizer's shards. Throws where some are not in the files.
  func read(into optimizer: ShardedAdamW) throws {
    for (kind, moments) in [
      (MomentPiece.first, optimizer.firstMoments), (.second, optimizer.secondMoments),
    ] {
      let pieces = pieces(kind)
      var offset = 0
      for shard in optimizer.shards {
        try fill(moments[offset..<offset + shard.count], shard, from: pieces)
        offset += shard.count
      }
    }
  }

  private func pieces(_ kind: MomentPiece) -> [Piece] {
    files.flatMap { file in
      file.tensors.compactMap { tensor in
        guard tensor.name.hasPrefix(kind.rawValue + "."),
          let start = Int(tensor.name.dropFirst(kind.rawValue.count + 1))
        else { return nil }
        return Piece(file: file, name: tensor.name, range: start..<start + tensor.count)
      }
    }
  }

  private func fill(_ moments: Vector<Float>, _ shard: Range<Int>, from pieces: [Piece]) throws {
    var filled = 0
    for piece in pieces {
      let overlap = piece.range.clamped(to: shard)
      guard !overlap.isEmpty else { continue }
      let values = Vector<Float>(zeros: piece.range.count)
      try piece.file.copy(piece.name, into: values)
      let start = overlap.lowerBound - piece.range.lowerBound
      moments[overlap.lowerBound - shard.lowerBound..<overlap.upperBound - shard.lowerBound]
        .copy(from: values[start..<start + overlap.count])
      filled += overlap.count
    }
    guard filled == shard.count else {
      throw StorageError(.mismatch, directory, "the optimizer's moments are not complete")
    }
  }
}
