// `ddp-train predict`: labels and scores for each row of a file, in the order of the file.

import Collectives
import Data
import Foundation
import Kernels
import Memory
import Models
import Objectives
import Reporting
import Runs
import Storage
import Text
import Training

/// Predicts with a saved model, the rows shared out over all ranks; rank 0 writes.
public func runPrediction(_ options: PredictOptions) throws {
  try onAllRanks { communicator in
    if options.answersAtOnce {
      var stream = try communicator.everyRank { try PredictionStream(options, communicator) }
      return try stream.run()
    }
    try communicator.rootOnly {
      try checkOutputs([("--output", options.output)], inputs: [options.input, options.model])
    }
    // Each row of the input has a line in the output, also one without a text.
    var columns = options.columns
    columns.emptyTexts = .keep
    let session = try InferenceSession(
      model: options.model,
      .init(
        path: options.input, columns: columns, readsLabels: false,
        keepsTexts: options.reasons != nil, needsUniqueIDs: true),
      output: options.output, communicator)
    try communicator.everyRank {
      guard options.cell == .probability, session.loaded.calibration == nil else { return }
      throw Failure(
        .badData,
        "\(options.model): has no \(CalibrationFile.name), so scores cannot become probabilities; "
          + "write it by \(Program.name) thresholds, or leave --probabilities out")
    }
    let chunks = session.chunks
    let formatter = PredictionFormatter(session.loaded, options)
    let explanation = try communicator.everyRank {
      try options.reasons.map { try Explanation(session, path: options.model, limit: $0) }
    }
    try communicator.rootOnly { try session.output?.write(formatter.header) }
    // A round is a chunk for each rank: their lines meet at rank 0 in the order of the rows.
    for round in stride(from: 0, to: chunks.count, by: communicator.worldSize) {
      let lines = try communicator.everyRank { () throws -> [UInt8] in
        let index = round + communicator.rank
        guard index < chunks.count else { return [] }
        return try formatter.lines(of: chunks[index], session, explanation)
      }
      let parts = try communicator.allGather(lines)
      try communicator.rootOnly { for part in parts { try session.output?.write(part) } }
    }
    try communicator.rootOnly {
      if chunks.isEmpty {
        for row in 0..<session.all.rowCount {
          try session.output?.write(formatter.emptyLines(id: session.all.id(row)))
        }
      }
      try session.output?.commit()
    }
  }
}
