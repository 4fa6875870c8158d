// Which rows a step takes, and how they are cut into microbatches. Everything here follows from
// the rows' lengths, the seed and the step alone, so that every rank finds the same plan and the
// number of ranks changes nothing. A rank carries out the microbatches m with m mod P == rank.

/// The order of the rows in each epoch, cut into steps and microbatches.
public final class BatchPlan {
  /// Rows of a step, over all ranks; an epoch's last step may have fewer.
  public let batchSize: Int
  /// Pieces of a step.
  public let microbatches: Int
  /// Rows of an epoch.
  public let rowsPerEpoch: Int
  let rowLengths: [Int]
  private let seed: UInt64
  let epochRows: ((Int) -> [Int])?
  private var current: (epoch: Int, order: [Int])?

  /// A plan over rows of `rowLengths` tokens.
  ///
  /// `epochRows` may give the rows of an epoch (from 0) in place of each row once; a row may occur
  /// several times, and the count must be the same for every epoch.
  public init(
    rowLengths: [Int], batchSize: Int, microbatches: Int, seed: UInt64,
    epochRows: ((Int) -> [Int])? = nil
  ) {
    precondition(batchSize > 0 && microbatches > 0)
    self.rowLengths = rowLengths
    self.batchSize = batchSize
    self.microbatches = microbatches
    self.seed = seed
    self.epochRows = epochRows
    rowsPerEpoch = epochRows?(0).count ?? rowLengths.count
  }

  /// Steps of an epoch, the last short one included: ⌈rows / batchSize⌉.
  public var stepsPerEpoch: Int { (rowsPerEpoch + batchSize - 1) / batchSize }

  /// The rows of step `index` (from 0) of `epoch` (from 0), in `microbatches` pieces. A piece is
  /// empty where the step has fewer rows than pieces. A row that the step takes again stands there
  /// as row + k × (number of rows) for its k-th repetition, so that it gets random numbers of its
  /// own.
  public func step(epoch: Int, index: Int) -> [[Int]] {
    precondition(index >= 0 && index < stepsPerEpoch, "step \(index) of \(stepsPerEpoch)")
    let order = order(epoch: epoch)
    let first = index * batchSize
    var rows = Array(order[first..<min(first + batchSize, order.count)])
    if epochRows != nil { numberRepetitions(&rows) }
    return Self.cut(rows, lengths: rowLengths, into: microbatches)
  }

  private func numberRepetitions(_ rows: inout [Int]) {
    var seen: [Int: Int] = [:]
    for place in rows.indices {
      let row = rows[place]
      rows[place] += seen[row, default: 0] * rowLengths.count
      seen[row, default: 0] += 1
    }
  }

  /// The rows of an epoch in the order in which its steps take them: a Fisher–Yates shuffle by
  /// SplitMix64, whose stream depends on seed and epoch only.
  public func order(epoch: Int) -> [Int] {
    if let current, current.epoch == epoch { return current.order }
    var rows = epochRows?(epoch) ?? Array(rowLengths.indices)
    precondition(rows.count == rowsPerEpoch, "epoch \(epoch) has \(rows.count) rows")
    var stream = SplitMix64(seed: seed, stream: RandomStream.shuffle, index: UInt64(epoch))
    for last in stride(from: rows.count - 1, to: 0, by: -1) {
      rows.swapAt(last, Int(stream.next(below: UInt64(last + 1))))
    }
    current = (epoch, rows)
    return rows
  }

  /// Cuts rows into pieces of nearly equal token count: the longest row first, each to the piece
  /// with the fewest tokens, the lowest piece among equals (Graham's LPT rule, 1969). Two pieces
  /// differ by at most one row's tokens, that of the longest. A piece keeps the order of `rows`.
  static func cut(_ rows: [Int], lengths: [Int], into pieceCount: Int) -> [[Int]] {
    let sizes = rows.map { lengths[$0 % lengths.count] }
    let longestFirst = rows.indices.sorted { (-sizes[$0], $0) < (-sizes[$1], $1) }
    var loads = [Int](repeating: 0, count: pieceCount)
    var pieces = [[Int]](repeating: [], count: pieceCount)
    for position in longestFirst {
      var lightest = 0
      for piece in 1..<max(pieceCount, 1) where loads[piece] < loads[lightest] { lightest = piece }
      loads[lightest] += sizes[position]
      pieces[lightest].append(position)
    }
    return pieces.map { $0.sorted().map { rows[$0] } }
  }
}
