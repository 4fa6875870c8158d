import Collectives
import Memory

/// Buckets of 1 to 23 blocks, one of them empty: on 8 ranks many shards are empty, too.
private let buckets: [Bucket] = {
  var buckets: [Bucket] = []
  var offset = 0
  for (blocks, rowLength) in [(1, 1), (23, 1), (0, 1), (18, 384), (8, 1)] {
    buckets.append(
      Bucket(
        offset: offset, count: blocks * Bucket.blockSize, rowLength: rowLength))
    offset += blocks * Bucket.blockSize
  }
  return buckets
}()

private func gradient(of microbatch: Int, step: Int, count: Int) -> [Float] {
  (0..<count).map { adversarial(UInt64($0) << 20 | UInt64(microbatch) << 8 | UInt64(step)) }
}

/// Sums the gradients of two steps over microbatches and ranks, gathers the sums, compares them
/// with the tree's definition, and prints their hash.
func checkDense(_ communicator: Communicator, microbatches: Int) throws {
  let (rank, ranks) = (communicator.rank, communicator.worldSize)
  let tree = try ReductionTree(microbatches: microbatches, ranks: ranks)
  let mine = ReductionTree.microbatches(microbatches, ofRank: rank, ranks: ranks)
  let count = buckets.last?.range.upperBound ?? 0
  let slots = (0..<tree.slotCount).map { _ in Vector<Float>(zeros: count) }
  let reducer = GradientReducer(
    queue: ExchangeQueue(communicator: communicator), gradients: slots[0], buckets: buckets)
  for step in 0..<2 {
    for operation in tree.operations {
      switch operation {
      case .compute(let index, let slot):
        slots[slot].copy(from: gradient(of: mine[index], step: step, count: count))
      case .add(let slot):
        for index in 0..<count { slots[slot][index] += slots[slot + 1][index] }
      }
    }
    let sums = try exchange(reducer, gradients: slots[0], rank: rank)
    let hashes = try communicator.allGather(hash(sums))
    try check(Set(hashes).count == 1, "the ranks hold different sums")
    guard communicator.isRoot else { continue }
    let all = (0..<microbatches).map { gradient(of: $0, step: step, count: count) }
    let wanted = treeSum(all) { zip($0, $1).map { $0 + $1 } }
    for index in 0..<count where sums[index].bitPattern != wanted[index].bitPattern {
      throw CheckFailure(description: "\(sums[index]) is not \(wanted[index]) at \(index)")
    }
    print("bits \(hash(sums))")
  }
}

/// Reduces all buckets, in another order on odd ranks, and gathers what the ranks have summed.
private func exchange(
  _ reducer: GradientReducer, gradients: Vector<Float>, rank: Int
) throws -> [Float] {
  let order = Array(rank % 2 == 0 ? Array(buckets.indices) : buckets.indices.reversed())
  for bucket in order {
    try reducer.startReduction(of: bucket)
    try reducer.progress()
  }
  try reducer.finish(1)
  try reducer.finish()
  try check(reducer.queue.isEmpty, "something is under way after finish()")
  let parameters = Vector<Float>(zeros: gradients.count)
  parameters.fill(.nan)
  for bucket in buckets.indices {
    let shard = reducer.shard(of: bucket)
    parameters[shard].copy(from: gradients[shard])
    try reducer.startGathering(parameters, of: bucket)
  }
  while !reducer.queue.isEmpty { try reducer.progress() }
  return parameters.array
}
