// Rows that are answered as they come: a process that stays, for services and notebooks.

import Collectives
import Data
import Foundation
import Kernels
import Memory
import Models
import Reporting
import Storage
import Training

/// Answers the rows of a stream of JSON Lines while it stays open. An empty line asks for the answers
/// of all rows before it.
///
/// The rows between two empty lines are answered as `predict` answers a file of them, to the bit: in
/// the same chunks, each as soon as it is full. Ids may occur twice.
struct PredictionStream {
  private let options: PredictOptions
  private let communicator: Communicator
  private let loaded: LoadedModel
  private let model: any Classifier
  private let formatter: PredictionFormatter
  /// Rows that were answered, and lines up to the last of them.
  private var (rowCount, lineCount) = (0, 0)
  /// Lines that wait for an answer.
  private var kept: [UInt8] = []
  /// Bytes of them from which on full chunks are answered.
  private var limit = Self.usualLimit
  private static let usualLimit = 1 << 20

  /// Loads the model, so that the first row does not wait for it.
  init(_ options: PredictOptions, _ communicator: Communicator) throws {
    guard communicator.worldSize == 1 else {
      throw Failure(.usage, "--stream: start it without mpirun: one process answers row by row")
    }
    setMatrixProductThreads(matrixProductThreadsWanted)
    var options = options
    options.columns.emptyTexts = .keep
    options.columns.readsLabels = false
    (self.options, self.communicator) = (options, communicator)
    loaded = try LoadedModel(path: options.model)
    model = try loaded.model(longestRow: loaded.notes.maxLength)
    formatter = PredictionFormatter(loaded, options)
  }

  /// Reads and answers until the stream ends.
  mutating func run() throws {
    let input = try ByteStream(path: options.input)
    let output = try InferenceSession.begin(options.output)
    try output.write(formatter.header)
    var rest: [UInt8] = []
    while case let bytes = try input.next(), !bytes.isEmpty {
      rest += bytes
      var start = rest.startIndex
      while let end = rest[start...].firstIndex(of: UInt8(ascii: "\n")) {
        try take(rest[start...end], output)
        start = end + 1
      }
      rest.removeSubrange(..<start)
    }
    try take(rest[...], output)
    try answer(isWhole: true, output)
    try output.commit()
  }

  /// Keeps a line, and answers where that is due.
  private mutating func take(_ line: ArraySlice<UInt8>, _ output: PendingFile) throws {
    if line.allSatisfy({ [0x20, 0x09, 0x0A, 0x0D].contains($0) }) {
      try answer(isWhole: true, output)
      lineCount += 1
      return
    }
    kept += line
    if kept.count >= limit { try answer(isWhole: false, output) }
  }

  /// Answers the lines that are kept.
  /// - Parameter isWhole: whether the batch has ended; else its last chunk, which may not be full, is
  ///   kept.
  private mutating func answer(isWhole: Bool, _ output: PendingFile) throws {
    guard !kept.isEmpty else { return }
    let session = try session()
    let whole = isWhole ? session.chunks : session.chunks.dropLast()
    for chunk in whole { try output.write(formatter.lines(of: chunk, session, nil)) }
    var answered = whole.last.map(session.fileRows)?.upperBound ?? 0
    if session.chunks.isEmpty {
      answered = session.all.rowCount
      for row in 0..<answered { try output.write(formatter.emptyLines(id: session.all.id(row))) }
    }
    drop(answered)
    // Rows that fill no chunk are not read again and again.
    limit = isWhole || answered > 0 ? Self.usualLimit : 2 * kept.count
  }

  /// Forgets the first lines.
  private mutating func drop(_ count: Int) {
    rowCount += count
    lineCount += count
    var start = kept.startIndex
    for _ in 0..<count {
      start = (kept[start...].firstIndex(of: UInt8(ascii: "\n")) ?? kept.endIndex - 1) + 1
    }
    kept.removeSubrange(..<start)
  }

  /// The rows of the lines that are kept.
  private func session() throws -> InferenceSession {
    let path = options.input == "-" ? "standard input" : options.input
    guard kept.first(where: { $0 != 0x20 && $0 != 0x09 }) == UInt8(ascii: "{") else {
      throw Failure(
        .badData,
        "\(path):\(lineCount + 1): --stream reads JSON Lines, an object such as {\"text\": \"…\"} a "
          + "line; without --stream other forms are read")
    }
    var source = try DataSource(path: path, columns: options.columns, stream: Vector(kept))
    source.precedingRows = rowCount
    source.precedingLines = lineCount
    let rows = StoredRows(try source.encode(keeping: loaded.content()).checked(path: path))
    return try InferenceSession(loaded, model, rows: try loaded.dataset(of: rows, communicator))
  }
}
