// A directory with all that a user needs: rows, a vocabulary and a configuration.

import Foundation
import Testing

/// A row of data, as the tests make it.
struct Row: Equatable {
  var id: String
  var text: String
  var labels: [String]
}

/// A temporary directory in which the program is run; it goes with the value.
///
/// The configuration trains a BERT of two layers of 32 on 120 rows with 12 labels, for 15 epochs of
/// 8 steps, in about a fifth of a second. What a test wants otherwise it says by `--set`.
final class Workplace {
  let path = FileManager.default.temporaryDirectory.path + "/ddp-train-work-\(UUID())"

  /// Words, of which each label has two; "é" and "漢" have their own entries.
  static let words = (0..<60).map { String(format: "w%02d", $0) } + ["caf", "##e", "漢", ".", ","]
  static let labels = (0..<12).map { String(format: "label-%02d", $0) }

  init() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try write("train.jsonl", Self.lines(Self.rows(120, seed: 1)))
    try write("valid.jsonl", Self.lines(Self.rows(40, seed: 2)))
    try write("test.jsonl", Self.lines(Self.rows(30, seed: 3)))
    let special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    try write("vocab.txt", (special + Self.words).joined(separator: "\n") + "\n")
    try write("config.json", Self.configuration)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  private static let configuration = """
    {
      "model": {
        "config": {
          "vocab_size": \(5 + words.count), "hidden_size": 32, "num_hidden_layers": 2,
          "num_attention_heads": 4, "intermediate_size": 64, "max_position_embeddings": 64,
          "initializer_range": 0.1
        },
        "vocab": "vocab.txt", "max_length": 32, "pooling": "mean"
      },
      "data": {
        "train": "train.jsonl", "validation": "valid.jsonl", "test": "test.jsonl",
        "cache_dir": "cache"
      },
      "loss": {"pos_weight": "none"},
      "training": {
        "num_train_epochs": 15, "train_batch_size": 16, "microbatches": 4, "learning_rate": 5e-3,
        "classifier_learning_rate": 2e-2, "logging_steps": 1
      },
      "early_stopping": {"patience": null},
      "output_dir": "run"
    }
    """

  /// Rows whose texts hold the two words of each of their labels among others, 3 to 24 words long.
  static func rows(_ count: Int, seed: UInt64) -> [Row] {
    var random = Numbers(state: seed)
    return (0..<count).map { index in
      let chosen = Set(
        (0...Int.random(in: 0...1, using: &random)).map { _ in
          Int.random(in: 0..<labels.count, using: &random)
        })
      var words = chosen.sorted().flatMap { [Self.words[2 * $0], Self.words[2 * $0 + 1]] }
      for _ in 0..<[1, 3, 5, 9, 20].randomElement(using: &random)! {
        words.append(Self.words.randomElement(using: &random)!)
      }
      words.shuffle(using: &random)
      return Row(
        id: "row-\(index)", text: words.joined(separator: " "),
        labels: chosen.sorted().map { labels[$0] })
    }
  }

  /// The rows as JSON Lines.
  static func lines(_ rows: [Row]) -> String {
    rows.map { row in
      let labels = row.labels.map { "\"\($0)\"" }.joined(separator: ", ")
      return "{\"id\": \"\(row.id)\", \"text\": \"\(row.text)\", \"labels\": [\(labels)]}\n"
    }.joined()
  }

  /// Writes a file of the directory.
  func write(_ name: String, _ text: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
  }

  /// The bytes of a file of the directory.
  func bytes(_ name: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)"))
  }

  func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(path)/\(name)") }

  /// All files below the directory, sorted.
  func files() throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: path).sorted()
  }

  /// Starts `ddp-train config.json` with further arguments, among them `key=value` ones to `--set`;
  /// with `--verbose`, unless it is told to be brief.
  func start(
    _ arguments: [String], ranks: Int = 0, prelude: String? = nil, isBrief: Bool = false
  ) throws -> RunningProgram {
    let options =
      arguments.flatMap { $0.hasPrefix("--") ? [$0] : ["--set", $0] }
      + (isBrief ? [] : ["--verbose"])
    return try Program.start(["config.json"] + options, ranks: ranks, in: path, prelude: prelude)
  }

  /// Trains to the end.
  func train(_ arguments: String..., ranks: Int = 0, prelude: String? = nil) throws -> Ending {
    try start(arguments, ranks: ranks, prelude: prelude).ending()
  }

  /// A prelude with which each rank tells its process's number.
  static let tellingIdentifiers = "echo $$ > rank-$OMPI_COMM_WORLD_RANK"

  /// The numbers of the processes of a run that tells them; nil until all have.
  func identifiers(_ ranks: Int) -> [Int32]? {
    let found = (0..<ranks).compactMap { rank in
      (try? text("rank-\(rank)")).flatMap { $0.hasSuffix("\n") ? Int32($0.dropLast()) : nil }
    }
    return found.count == ranks ? found : nil
  }

  /// Forgets what `identifiers` gave: the numbers may become those of other processes.
  func forgetIdentifiers() {
    for rank in 0..<8 { try? FileManager.default.removeItem(atPath: "\(path)/rank-\(rank)") }
  }

  /// Runs another command in the directory.
  func run(_ arguments: String..., ranks: Int = 0, input: Data = Data()) throws -> Ending {
    try Program.run(arguments, ranks: ranks, in: path, input: input)
  }
}

/// splitmix64: the same numbers on every machine.
struct Numbers: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 31
  }
}
