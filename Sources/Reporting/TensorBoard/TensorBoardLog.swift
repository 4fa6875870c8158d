// A run as TensorBoard shows it: an event file beside metrics.jsonl.

import Foundation
import Memory
import Objectives
import Storage

/// The event file of a run. Rank 0 writes it; it says nothing that metrics.jsonl does not.
package final class TensorBoardLog {
  private let path: String
  private let clock: () -> Double

  private static let histogramTag = "labels/f1"

  /// Begins the file, with what an earlier one in the directory says of steps up to `step`, which
  /// goes. Throws `FileError`.
  /// - Parameters:
  ///   - step: of the checkpoint that the run goes on from; nil for a run from its beginning.
  ///   - hyperparameters: by their names.
  package init(
    in directory: RunDirectory, resumingAfter step: Int?, hyperparameters: [(String, JSONValue)],
    clock: @escaping () -> Double = { Date().timeIntervalSince1970 }
  ) throws {
    self.clock = clock
    let old = directory.eventFiles
    let kept = try step.map { step in try old.flatMap { try Self.records(of: $0, upTo: step) } }
    let seconds = String(Int(clock()))
    let time = String(repeating: "0", count: max(0, 10 - seconds.count)) + seconds
    let name = RunDirectory.eventFileName
    path =
      "\(directory.path)/\(name.prefix)\(time).\(ProcessInfo.processInfo.hostName)\(name.suffix)"
    var bytes = kept ?? []
    if bytes.isEmpty { bytes = Self.beginning(clock(), hyperparameters) }
    let file = try PendingFile(path: path)
    try file.write(bytes)
    try file.commit()
    for other in old where other != path { try removeTree(other) }
  }

  private static func beginning(
    _ time: Double, _ hyperparameters: [(String, JSONValue)]
  ) -> [UInt8] {
    let start = ProtobufMessage { start in
      for (name, value) in hyperparameters {
        start.set(
          1,
          ProtobufMessage {
            $0.set(1, name)
            $0.set(2, value.protobuf)
          })
      }
      start.set(5, time)
    }
    return EventRecord.version(time: time).record
      + EventRecord.summary(time: time, step: 0, [.hyperparameters(.start, start)]).record
  }

  /// Adds what a line of the log says of a step.
  package func add(_ event: TrainEvent) throws {
    try add(
      step: event.step,
      [
        ("train/loss", event.loss), ("train/learning_rate", event.learningRate),
        ("train/classifier_learning_rate", event.classifierLearningRate),
        ("train/grad_norm", event.gradientNorm), ("train/epoch", event.epoch),
        ("train/tokens_per_second", event.tokensPerSecond),
      ].map { SummaryValue.scalar($0, $1) })
  }

  /// Adds an evaluation.
  package func add(_ event: EvaluationEvent) throws {
    try add(
      step: event.step, event.metrics.map { .scalar("eval/\($0.name)", $0.value) })
  }

  /// Adds the end: the final figures, and how F1 is spread over the labels.
  package func addEnd(step: Int, results: RunResults, labelF1: [Double]) throws {
    let finals = RunPart.allCases.flatMap { part in
      (results[part]?.metrics ?? []).map {
        SummaryValue.scalar("final_\(part.rawValue)/\($0.name)", $0.value)
      }
    }
    let time = clock()
    let end = ProtobufMessage {
      $0.set(1, 1)
      $0.set(2, time)
    }
    // One event a kind: a run that is resumed drops those of the end by their tags.
    try add(step: step, finals)
    if !labelF1.isEmpty { try add(step: step, [.histogram(Self.histogramTag, labelF1)]) }
    try add(step: step, [.hyperparameters(.end, end)])
  }

  private func add(step: Int, _ values: [SummaryValue]) throws {
    let file = try OutputFile(path: path, appending: true)
    try file.write(EventRecord.summary(time: clock(), step: step, values).record)
    try file.close()
  }
}

extension TensorBoardLog {
  /// The whole records of a file but those of later steps, of the end, and of a torn tail.
  private static func records(of path: String, upTo step: Int) throws -> [UInt8] {
    let bytes = try MappedFile(path: path).bytes.array
    let dropped = [
      histogramTag, HyperparameterTag.end.rawValue, "final_validation/", "final_test/",
    ]
    .map { Array($0.utf8) }
    var (kept, start) = ([UInt8](), 0)
    while start + 16 <= bytes.count {
      let length = (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[start + $1]) << (8 * UInt64($1)) }
      guard length <= UInt64(bytes.count - start - 16) else { break }
      let end = start + 16 + Int(length)
      let message = bytes[(start + 12)..<(end - 4)]
      if eventStep(message) <= step, !dropped.contains(where: { message.contains($0) }) {
        kept += bytes[start..<end]
      }
      start = end
    }
    return kept
  }

  /// The step of a message `Event` of this program: the varint behind the time, 0 where there is
  /// none.
  private static func eventStep(_ message: ArraySlice<UInt8>) -> Int {
    let rest = message.dropFirst(9)
    guard rest.first == 2 << 3 else { return 0 }
    var (value, shift) = (0, 0)
    for byte in rest.dropFirst() {
      value |= Int(byte & 0x7F) << shift
      shift += 7
      if byte & 0x80 == 0 || shift > 56 { break }
    }
    return value
  }
}

extension JSONValue {
  /// A message `google.protobuf.Value`; what is neither number, truth nor text is its JSON.
  fileprivate var protobuf: ProtobufMessage {
    ProtobufMessage {
      switch self {
      case .null: $0.set(1, 0)
      case .bool(let value): $0.set(4, value ? 1 : 0)
      case .integer(let value): $0.set(2, Double(value))
      case .double(let value): $0.set(2, value)
      case .string(let value): $0.set(3, value)
      case .array, .object: $0.set(3, text())
      }
    }
  }
}
