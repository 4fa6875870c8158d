// `ddp-train predict`: labels and scores for each row of a file, in the order of the file.

import Collectives
import Data
import Foundation
import Kernels
import Memory
import Models
import Objectives
import Reporting
import Storage
import Text
import Training

/// Predicts with a saved model, the rows shared out over all ranks; rank 0 writes.
public func runPrediction(_ options: PredictOptions) throws {
  try onAllRanks { communicator in
    try communicator.rootOnly {
      try checkOutputs([("--output", options.output)], inputs: [options.input, options.model])
    }
    let session = try InferenceSession(
      model: options.model,
      .init(
        path: options.input, columns: options.columns, readsLabels: false,
        keepsTexts: options.reasons != nil),
      output: options.output, communicator)
    let (chunks, dataset) = (session.chunks, session.dataset)
    let formatter = PredictionFormatter(session.loaded, options)
    let explanation = try communicator.everyRank {
      try options.reasons.map { try Explanation(session, path: options.model, limit: $0) }
    }
    try communicator.rootOnly { try session.output?.write(formatter.header) }
    // A round is a chunk for each rank: their lines meet at rank 0 in the order of the rows.
    for round in stride(from: 0, to: chunks.count, by: communicator.worldSize) {
      var lines: [UInt8] = []
      try communicator.everyRank {
        let index = round + communicator.rank
        guard index < chunks.count else { return }
        let batch = Batch(dataset, rows: Array(chunks[index]))
        session.workspace.reset()
        let logits = session.model.logits(batch, in: session.workspace)
        let rows = try batch.rows.enumerated().map { place, row in
          try formatter.prediction(id: dataset.id(row), logits: logits.row(place).array)
        }
        let reasons = explanation?.reasons(batch, labels: rows.map(\.labels))
        for (place, row) in rows.enumerated() {
          lines += formatter.lines(row, reasons: reasons?[place])
        }
      }
      let parts = try communicator.allGather(lines)
      try communicator.rootOnly { for part in parts { try session.output?.write(part) } }
    }
    try communicator.rootOnly { try session.output?.commit() }
  }
}
