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

/// Answers the rows of a stream of JSON Lines, each as soon as it has come. What is answered is what
/// `predict` writes of a file of the same rows; ids may occur twice.
struct PredictionStream {
  private let options: PredictOptions
  private let communicator: Communicator
  private let loaded: LoadedModel
  private let model: any Classifier
  private let formatter: PredictionFormatter
  /// Rows and lines that were read.
  private var (rowCount, lineCount) = (0, 0)

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
      guard let end = rest.lastIndex(of: UInt8(ascii: "\n")) else { continue }
      let lines = Array(rest[...end])
      rest.removeFirst(lines.count)
      try answer(lines, output)
    }
    if !rest.isEmpty { try answer(rest, output) }
    try output.commit()
  }

  /// Answers whole lines.
  private mutating func answer(_ lines: [UInt8], _ output: PendingFile) throws {
    defer { lineCount += lines.count { $0 == UInt8(ascii: "\n") } }
    let first = lines.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
    guard let first else { return }
    let path = options.input == "-" ? "standard input" : options.input
    guard first == UInt8(ascii: "{") else {
      throw Failure(
        .badData,
        "\(path):\(lineCount + 1): --stream reads JSON Lines, an object such as {\"text\": \"…\"} a "
          + "line; without --stream other forms are read")
    }
    var source = try DataSource(path: path, columns: options.columns, stream: Vector(lines))
    source.precedingRows = rowCount
    source.precedingLines = lineCount
    let rows = StoredRows(try source.encode(keeping: loaded.content()).checked(path: path))
    rowCount += rows.rowCount
    let session = try InferenceSession(
      loaded, model, rows: try loaded.dataset(of: rows, communicator))
    if session.chunks.isEmpty {
      for row in 0..<session.all.rowCount {
        try output.write(formatter.emptyLines(id: session.all.id(row)))
      }
    }
    for chunk in session.chunks { try output.write(formatter.lines(of: chunk, session, nil)) }
  }
}
