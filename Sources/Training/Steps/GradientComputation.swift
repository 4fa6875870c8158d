// The forward and backward passes of one step: this rank's microbatches, bucket by bucket, each
// bucket on its way to the other ranks as soon as its last microbatch is done.

import Collectives
import Data
import Kernels
import Memory
import Models
import Objectives

/// What the forward passes of a step gave on this rank.
struct StepLoss {
  /// The sum over the rank's rows of their losses, not scaled.
  var sum = ExactSum()
  /// Tokens of the rank's microbatches.
  var tokens = 0
}

/// Computes and sums the gradients of a step.
final class GradientComputation<Model: Classifier> {
  /// The dense gradients; afterwards the rank's shards of it hold the sums over all ranks.
  let gradients: Vector<Float>
  let reducer: GradientReducer
  let model: Model
  private let loss: any Loss
  private let tree: ReductionTree
  let workspace: Workspace
  private let sparse: SparseReducer?
  /// The table of embeddings, whose gradient is a few rows; nil if it is frozen.
  let table: EmbeddingTable?
  /// Moves exchanges on while the rank computes.
  private let progress: BetweenKernels
  /// Buffers of the tree above its slot 0, which is `gradients` itself.
  private let slots: [Vector<Float>]
  /// What lies between the tensors of each bucket.
  private let gaps: [[Range<Int>]]
  /// Rows whose loss was no number in the last step.
  private(set) var lossReports: [NonFiniteReport] = []

  /// - Parameters:
  ///   - tree: the order in which the rank's microbatches are added.
  ///   - workspace: large enough for all of the rank's microbatches of a step.
  init(
    model: Model, loss: any Loss, tree: ReductionTree, queue: ExchangeQueue, workspace: Workspace
  ) {
    let layout = model.layout
    self.model = model
    self.loss = loss
    self.tree = tree
    self.workspace = workspace
    gradients = Vector(zeros: layout.count)
    let buckets = layout.buckets.map(\.collective)
    let reducer = GradientReducer(queue: queue, gradients: gradients, buckets: buckets)
    self.reducer = reducer
    progress = BetweenKernels { try reducer.progress() }
    table = layout.trainedTable
    sparse = table.map { table in
      SparseReducer(
        queue: queue, bucket: buckets[table.bucket], rowCount: table.rows,
        slotCount: tree.slotCount)
    }
    let largest =
      layout.trainedBuckets.map { layout.buckets[$0] }.filter { $0.kind == .dense }
      .map(\.range.count).max() ?? 0
    gaps = layout.buckets.indices.map(layout.gaps)
    slots = (1..<max(tree.slotCount, 1)).map { _ in Vector(zeros: largest) }
  }

  /// Runs the rank's microbatches forward and backward and begins the exchange of their sum.
  /// - Parameter gathering: what brings the parameters, bucket by bucket.
  func run(
    _ step: StepBatch, at key: RandomKey, gathering: ParameterAllGather<Model>,
    times: inout StepTimes
  ) throws -> StepLoss {
    let batches = step.microbatches
    workspace.reset()
    let before = reducer.queue.statistics.progressSeconds
    let passes = batches.map { model.begin($0, at: key, in: workspace) }
    // All microbatches go through a layer before any goes through the next one, so that the next
    // one's parameters have the more time to arrive.
    for bucket in model.layout.buckets.indices {
      times.begin(.wait)
      try gathering.finish(bucket, for: batches)
      times.begin(.forward)
      model.prepareParameters(ofBucket: bucket)
      for pass in passes { try progress.during { model.forward(pass, bucket: bucket) } }
    }
    try model.completeLogits(passes, of: step)
    times.begin(.loss)
    let forwardProgress = reducer.queue.statistics.progressSeconds - before
    times.move(forwardProgress, from: .forward, to: .progress)
    var total = StepLoss()
    lossReports = []
    for (place, (batch, pass)) in zip(batches, passes).enumerated() {
      let losses = lossGradient(of: pass, batch, scale: scale(of: step))
      total.add(batch, losses)
      if let report = NonFiniteReport(place: place, batch, losses) { lossReports.append(report) }
    }
    times.begin(.backward)
    try model.beginBackward(passes)
    for bucket in model.layout.trainedBuckets.reversed() {
      if let sparse, bucket == table?.bucket {
        try reduceRows(passes, sparse)
      } else {
        try reduce(bucket, passes)
      }
    }
    times.begin(nil)
    let backwardProgress = reducer.queue.statistics.progressSeconds - before - forwardProgress
    times.move(backwardProgress, from: .backward, to: .progress)
    return total
  }

  /// Waits for all sums.
  func finish() throws -> StepGradients {
    try reducer.finish()
    return StepGradients(dense: gradients, rows: try sparse?.finish() ?? .none)
  }

  /// Of the sum of losses, whose mean over the step's known cells is minimized. Where there are
  /// none, the losses are 0 and so is their mean.
  func scale(of step: StepBatch) -> Float {
    Float(1 / Double(max(step.knownCellCount(labels: model.labelCount), 1)))
  }

  /// Leaves the gradient of the loss in the pass. Returns each row's loss, not scaled `[B]`.
  func lossGradient(of pass: Model.Pass, _ batch: Batch, scale: Float) -> [Double] {
    let losses = Vector<Double>(zeros: batch.rowCount)
    loss.forwardBackward(
      logits: pass.logits, targets: SparseTargets(batch), scale: scale,
      logitGradients: pass.logitGradients, rowLosses: losses)
    return losses.array
  }

  private func reduce(_ bucket: Int, _ passes: [Model.Pass]) throws {
    let range = model.layout.buckets[bucket].range
    func gradient(_ slot: Int) -> Vector<Float> {
      slot == 0 ? gradients[range] : slots[slot - 1][0..<range.count]
    }
    for operation in tree.operations {
      switch operation {
      case .compute(let index, let slot):
        try progress.during {
          model.backward(passes[index], bucket: bucket, gradient: gradient(slot))
        }
        // Buckets take turns in a slot: what one leaves between its tensors must not
        // reach the next.
        for gap in gaps[bucket] where slot > 0 { gradient(slot)[gap].fill(0) }
      case .add(let slot):
        add(gradient(slot + 1), into: gradient(slot))
      }
      try reducer.progress()
    }
    try reducer.startReduction(of: bucket)
  }

  private func reduceRows(
    _ passes: [Model.Pass], _ sparse: SparseReducer
  ) throws {
    for operation in tree.operations {
      switch operation {
      case .compute(let index, let slot):
        model.backward(passes[index], rows: sparse.slot(slot))
      case .add(let slot):
        sparse.add(above: slot)
      }
    }
    try sparse.start()
  }
}

extension StepLoss {
  fileprivate mutating func add(_ batch: Batch, _ rowLosses: [Double]) {
    for loss in rowLosses { sum.add(loss) }
    tokens += batch.tokenCount
  }
}

extension SparseTargets {
  /// The labels of a batch's rows.
  package init(_ batch: Batch) {
    self.init(
      offsets: batch.labelOffsets, labels: batch.labelIndices,
      unknownOffsets: batch.unknownOffsets, unknownLabels: batch.unknownIndices)
  }
}

extension ParameterBucket {
  /// The bucket as the exchanges see it; a table is divided at whole rows.
  var collective: Bucket {
    switch kind {
    case .dense: Bucket(offset: range.lowerBound, count: range.count)
    case .sparseRows(_, let columns):
      Bucket(offset: range.lowerBound, count: range.count, rowLength: columns)
    }
  }
}
