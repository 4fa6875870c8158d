// The two kinds of files that a checkpoint has beside a model's own.

import Configuration
import Foundation
import Memory
import Reporting
import Storage

/// `training_state.json`: the state, and the configuration and data that it belongs to.
struct StateFile {
  static let name = "training_state.json"

  let state: TrainingState
  let configuration: Configuration
  /// Of the data.
  let fingerprint: String

  private enum Key {
    static let (format, program) = ("format", "program")
    static let (state, data, configuration) = ("state", "data", "configuration")
  }

  init(state: TrainingState, configuration: Configuration, fingerprint: String) {
    self.state = state
    self.configuration = configuration
    self.fingerprint = fingerprint
  }

  /// Writes the file into a checkpoint. Throws `FileError`.
  func write(into pending: PendingDirectory) throws {
    let json: JSONObject = [
      Key.format: 1, Key.program: .string("\(Program.name) \(Program.version)"),
      Key.state: state.json, Key.data: .string(fingerprint),
      Key.configuration: configuration.resolved,
    ]
    _ = try pending.writeFile(Self.name) {
      try $0.write(JSONValue.object(json).text(pretty: true) + "\n")
    }
  }

  /// Reads the file of a checkpoint. Throws `StorageError` and `FileError`.
  init(directory: String) throws {
    let path = "\(directory)/\(Self.name)"
    let json = try JSONValue(contentsOf: path)
    guard json[Key.format]?.integer == 1,
      let state = json[Key.state].flatMap(TrainingState.init(json:)), state.step >= 0,
      let resolved = json[Key.configuration], let fingerprint = json[Key.data]?.string
    else {
      throw StorageError(.malformed, path, "is not the state of a run of this version")
    }
    self.state = state
    configuration = try Configuration(stored: resolved, source: path)
    self.fingerprint = fingerprint
  }
}

/// What a rank holds for each parameter of its shards: names of the pieces and files.
enum ShardPiece: String {
  case firstMoment = "first_moment"
  case secondMoment = "second_moment"
  case average = "average"

  /// The piece that begins at `offset` of the parameter buffer.
  func name(_ offset: Int) -> String { "\(rawValue).\(offset)" }

  /// The file of one rank.
  static func file(rank: Int, of ranks: Int) -> String {
    "optimizer-\(rank)-of-\(ranks).safetensors"
  }
}

/// Reads the state of shards that any number of ranks has written.
struct ShardReader {
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

  /// Fills `values`, which hold the shards end to end. Throws if some are not in the files.
  func read(_ kind: ShardPiece, into values: Vector<Float>, of shards: [Range<Int>]) throws {
    let pieces = pieces(kind)
    var offset = 0
    for shard in shards {
      try fill(values[offset..<offset + shard.count], shard, from: pieces)
      offset += shard.count
    }
  }

  /// Fills `ranges` of a parameter buffer. Throws if some values are not in the files.
  func read(_ kind: ShardPiece, into parameters: Vector<Float>, at ranges: [Range<Int>]) throws {
    let pieces = pieces(kind)
    for range in ranges { try fill(parameters[range], range, from: pieces) }
  }

  /// The tensors of all files.
  var tensors: TensorSource { TensorSource(files, path: directory) }

  private func pieces(_ kind: ShardPiece) -> [Piece] {
    files.flatMap { file in
      file.tensors.compactMap { tensor in
        guard tensor.name.hasPrefix(kind.rawValue + "."),
          let start = Int(tensor.name.dropFirst(kind.rawValue.count + 1))
        else { return nil }
        return Piece(file: file, name: tensor.name, range: start..<start + tensor.count)
      }
    }
  }

  private func fill(_ target: Vector<Float>, _ shard: Range<Int>, from pieces: [Piece]) throws {
    var filled = 0
    for piece in pieces {
      let overlap = piece.range.clamped(to: shard)
      guard !overlap.isEmpty else { continue }
      let values = Vector<Float>(zeros: piece.range.count)
      try piece.file.copy(piece.name, into: values)
      let start = overlap.lowerBound - piece.range.lowerBound
      target[overlap.lowerBound - shard.lowerBound..<overlap.upperBound - shard.lowerBound]
        .copy(from: values[start..<start + overlap.count])
      filled += overlap.count
    }
    guard filled == shard.count else {
      throw StorageError(.mismatch, directory, "the optimizer's state is not complete")
    }
  }
}
