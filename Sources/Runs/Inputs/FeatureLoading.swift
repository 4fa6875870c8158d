// The features of rows: computed once by all ranks, each a part, and kept beside the token cache.

import Collectives
import Data
import Memory
import Models
import Reporting
import Storage

/// Makes the features that a frozen encoder gives of rows.
struct FeatureLoading {
  let communicator: Communicator
  let encoder: EncoderClassifier
  /// The cache's directory.
  let directory: String
  /// A hash of the encoder.
  private let fingerprint: UInt64

  /// Tokens of a piece of the work. A constant, not the evaluation's: the features of rows must not
  /// depend on a run's settings.
  private static let batchTokens = 4_096
  /// Pieces of a rank between two exchanges.
  private static let piecesOfRound = 16

  init(_ encoder: EncoderClassifier, _ communicator: Communicator, directory: String) {
    self.encoder = encoder
    self.communicator = communicator
    self.directory = directory
    fingerprint = encoder.encoderFingerprint
  }

  /// The key by which the features of rows are known.
  func key(_ rows: StoredRows) -> FeatureKey { FeatureKey(encoder: fingerprint, rows: rows) }

  /// The features `[rows, H]`, from the cache if every machine has the same.
  /// - Parameter announce: called before the features are computed.
  func features(
    of rows: StoredRows, _ key: FeatureKey, announce: () -> Void
  ) throws -> Matrix<Float> {
    let found = lookup(key, rows)
    let checksums = try communicator.allGather(found?.checksum ?? 0)
    if let found, checksums.allSatisfy({ $0 == checksums[0] }) { return found.values }
    announce()
    let features = try compute(rows)
    if communicator.localRank == 0 {
      do {
        try makeDirectories(directory)
        try FeatureFile.write(features, key, in: directory)
      } catch {
        printWarning("the features were not kept, the next start computes them again: \(error)")
      }
    }
    try communicator.barrier()
    return lookup(key, rows)?.values ?? features
  }

  private func lookup(_ key: FeatureKey, _ rows: StoredRows) -> FeatureFile? {
    FeatureFile(
      key, rows: rows.rowCount, columns: encoder.configuration.hiddenSize, in: directory)
  }

  /// Pieces depend on the rows alone, and a piece is computed by one rank: the same bits
  /// on any number.
  private func compute(_ rows: StoredRows) throws -> Matrix<Float> {
    let dataset = Dataset(rows)
    let lengths = dataset.rowLengths
    let chunks = evaluationChunks(rowLengths: lengths, tokenBudget: Self.batchTokens)
    let workspace = Workspace(
      capacity: chunks.map { chunk in
        encoder.evaluationSize(tokens: lengths[chunk].reduce(0, +), rows: chunk.count)
      }.max() ?? 0)
    let features = Matrix<Float>(zeros: rows.rowCount, encoder.configuration.hiddenSize)
    let ranks = communicator.worldSize
    for round in stride(from: 0, to: chunks.count, by: ranks * Self.piecesOfRound) {
      let pieces = round..<min(round + ranks * Self.piecesOfRound, chunks.count)
      for index in pieces where index % ranks == communicator.rank {
        let chunk = chunks[index]
        workspace.reset()
        features.rows(chunk).vector.copy(
          from: encoder.features(Batch(dataset, rows: Array(chunk)), in: workspace).vector)
      }
      try exchange(features, pieces.map { ($0, chunks[$0]) })
    }
    return features
  }

  /// Gives every rank the rows that the others have computed.
  private func exchange(
    _ features: Matrix<Float>, _ pieces: [(index: Int, rows: Range<Int>)]
  ) throws {
    guard communicator.worldSize > 1 else { return }
    let width = features.columns
    func owned(by rank: Int) -> [Range<Int>] {
      pieces.filter { $0.index % communicator.worldSize == rank }.map(\.rows)
    }
    let mine = owned(by: communicator.rank)
    let sent = Vector<Float>(zeros: mine.reduce(0) { $0 + $1.count } * width)
    var offset = 0
    for rows in mine {
      sent[offset..<offset + rows.count * width].copy(from: features.rows(rows).vector)
      offset += rows.count * width
    }
    let all = try communicator.gatherRows(sent)
    offset = 0
    for rank in 0..<communicator.worldSize {
      for rows in owned(by: rank) {
        features.rows(rows).vector.copy(from: all[offset..<offset + rows.count * width])
        offset += rows.count * width
      }
    }
  }
}
