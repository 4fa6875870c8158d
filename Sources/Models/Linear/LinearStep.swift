// One step of the linear part's training. Rows are shared out over the ranks for the loss, labels
// for the weights. So every rank computes the logits of all rows for its labels, and gives each
// rank those of its rows; and it gets the gradients of all rows' logits for its labels. What
// travels are logits, B × L numbers each way, and no weights: a gradient of the weights would be
// some hundred times as much.
//
// Sums over rows run in the order of the step's microbatches, whoever carries them: the same bits
// on any number of ranks. B rows, F features, L labels, W labels a block.

import Collectives
import Data
import Kernels
import Memory

extension StepBatch {
  /// The rows that a rank carries, as ranges of `tfidf`, in the order of its microbatches.
  fileprivate func rows(ofRank rank: Int, ranks: Int) -> [Range<Int>] {
    var starts = [0]
    for size in microbatchSizes { starts.append((starts.last ?? 0) + size) }
    return ReductionTree.microbatches(microbatchSizes.count, ofRank: rank, ranks: ranks).map {
      starts[$0]..<starts[$0 + 1]
    }
  }
}

/// Moves logits and their gradients of one step between those who have the rows and those who
/// have the labels.
struct LinearStep {
  /// For each rank its rows, in the order in which they lie in a message.
  private let rows: [[Int]]
  private let share: LabelShard
  private let communicator: Communicator

  init(_ step: StepBatch, _ share: LabelShard, _ communicator: Communicator) {
    self.share = share
    self.communicator = communicator
    rows = (0..<communicator.worldSize).map { rank in
      step.rows(ofRank: rank, ranks: communicator.worldSize).flatMap { Array($0) }
    }
  }

  private var mine: Range<Int> { share.blocks(ofRank: communicator.rank) }

  /// Floats that one of the two exchanges takes from a workspace, at most, for steps
  /// of `rows` rows.
  static func workspaceSize(rows: Int, share: LabelShard) -> Int {
    2 * (rows * share.blockCount * labelBlockWidth + 16 * share.ranks + 16)
  }

  /// Gives every rank the logits of its rows.
  /// - Parameters:
  ///   - products: of all rows, for each of this rank's blocks. `[B, W]`
  ///   - logits: those of this rank's microbatches, to which the logits of all labels are added.
  func spread(
    _ products: [Matrix<Float>], to logits: [Matrix<Float>], _ workspace: Workspace
  ) throws {
    let outgoing = rows.map { rows -> Vector<Float> in
      let message = workspace.vector(rows.count * mine.count * labelBlockWidth)
      let lines = message.matrix(rows.count * mine.count, labelBlockWidth)
      for (index, product) in products.enumerated() {
        for (place, row) in rows.enumerated() {
          lines.row(index * rows.count + place).copy(from: product.row(row))
        }
      }
      return message
    }
    let count = rows[communicator.rank].count
    let incoming = messages(rowsOf: { _ in count }, blocksOf: share.blocks, workspace)
    try communicator.allToAll(outgoing, into: incoming)
    let lines = logits.flatMap { matrix in (0..<matrix.rows).map { matrix.row($0) } }
    for (rank, message) in incoming.enumerated() {
      let source = message.matrix(message.count / labelBlockWidth, labelBlockWidth)
      for (index, block) in share.blocks(ofRank: rank).enumerated() {
        let labels = share.labels(ofBlock: block)
        for (place, line) in lines.enumerated() {
          add(source.row(index * count + place)[0..<labels.count], into: line[labels])
        }
      }
    }
  }

  /// Gives every rank the gradients of all rows' logits for its labels.
  /// - Parameters:
  ///   - logitGradients: of this rank's microbatches.
  ///   - gradients: for each of this rank's blocks. `[B, W]`, overwritten.
  func collect(
    _ logitGradients: [Matrix<Float>], into gradients: [Matrix<Float>], _ workspace: Workspace
  ) throws {
    let lines = logitGradients.flatMap { matrix in (0..<matrix.rows).map { matrix.row($0) } }
    let outgoing = messages(rowsOf: { _ in lines.count }, blocksOf: share.blocks, workspace)
    for (rank, message) in outgoing.enumerated() {
      let target = message.matrix(message.count / labelBlockWidth, labelBlockWidth)
      for (index, block) in share.blocks(ofRank: rank).enumerated() {
        let labels = share.labels(ofBlock: block)
        for (place, line) in lines.enumerated() {
          let row = target.row(index * lines.count + place)
          row[0..<labels.count].copy(from: line[labels])
          row[labels.count..<labelBlockWidth].fill(0)
        }
      }
    }
    let incoming = messages(
      rowsOf: { rows[$0].count }, blocksOf: { _ in mine }, workspace)
    try communicator.allToAll(outgoing, into: incoming)
    for (rank, message) in incoming.enumerated() {
      let source = message.matrix(message.count / labelBlockWidth, labelBlockWidth)
      for (index, gradient) in gradients.enumerated() {
        for (place, row) in rows[rank].enumerated() {
          gradient.row(row).copy(from: source.row(index * rows[rank].count + place))
        }
      }
    }
  }

  /// Memory for a message to or from each rank.
  private func messages(
    rowsOf: (Int) -> Int, blocksOf: (Int) -> Range<Int>, _ workspace: Workspace
  ) -> [Vector<Float>] {
    rows.indices.map { workspace.vector(rowsOf($0) * blocksOf($0).count * labelBlockWidth) }
  }
}
