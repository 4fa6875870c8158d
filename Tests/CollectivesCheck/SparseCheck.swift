import Collectives
import Kernels
import Memory

private let rowCount = 997
private let columns = 24

/// Microbatch 1 is empty; the others touch up to 60 of 997 rows, some of them several times.
private func tokens(of microbatch: Int) -> [Int32] {
  let count = microbatch == 1 ? 0 : Int(mixed(UInt64(microbatch)) % 90)
  return (0..<count).map { place in
    let bits = mixed(UInt64(microbatch) << 16 | UInt64(place))
    return Int32(bits & 3 == 0 ? bits >> 2 & 7 : (bits >> 2) % UInt64(rowCount))
  }
}

private func gradients(of microbatch: Int, count: Int) -> [Float] {
  (0..<count * columns).map { adversarial(UInt64($0) << 20 | UInt64(microbatch)) }
}

private func add(_ lower: [Int32: [Float]], _ upper: [Int32: [Float]]) -> [Int32: [Float]] {
  lower.merging(upper) { zip($0, $1).map { $0 + $1 } }
}

private func table(of microbatch: Int) -> [Int32: [Float]] {
  let tokens = tokens(of: microbatch)
  let values = gradients(of: microbatch, count: tokens.count)
  return tokens.enumerated().reduce(into: [:]) { table, entry in
    let row = Array(values[entry.offset * columns..<(entry.offset + 1) * columns])
    table = add(table, [entry.element: row])
  }
}

/// Sums touched rows over microbatches and ranks twice, compares each rank's part with the tree's
/// definition, and prints the hash of all parts.
func checkSparse(_ communicator: Communicator, microbatches: Int) throws {
  let (rank, ranks) = (communicator.rank, communicator.worldSize)
  let tree = try ReductionTree(microbatches: microbatches, ranks: ranks)
  let mine = ReductionTree.microbatches(microbatches, ofRank: rank, ranks: ranks)
  let count = (rowCount * columns + Bucket.blockSize - 1) / Bucket.blockSize * Bucket.blockSize
  let reducer = SparseReducer(
    queue: ExchangeQueue(communicator: communicator),
    bucket: Bucket(offset: 5 * Bucket.blockSize, count: count, rowLength: columns),
    rowCount: rowCount, slotCount: tree.slotCount)
  let wanted = treeSum((0..<microbatches).map(table), add)
  for _ in 0..<2 {
    for operation in tree.operations {
      switch operation {
      case .compute(let index, let slot):
        let ids = tokens(of: mine[index])
        reducer.slot(slot).collect(
          tokens: Vector(ids),
          gradients: Matrix(
            gradients(of: mine[index], count: ids.count), rows: ids.count, columns: columns))
      case .add(let slot):
        reducer.add(above: slot)
      }
    }
    try reducer.start()
    let rows = try reducer.finish()
    let shard = wanted.keys.filter { reducer.shardRows.contains(Int($0)) }.sorted()
    try check(rows.ids.array == shard, "rank \(rank) has rows \(rows.ids.array), not \(shard)")
    let values = shard.flatMap { wanted[$0] ?? [] }
    try check(
      rows.values.array.map(\.bitPattern) == values.map(\.bitPattern), "rank \(rank): other values")
    let all = try communicator.gatherRows(rows.values.vector)
    let numbers = try communicator.gatherRows(rows.ids)
    try check(numbers.array == wanted.keys.sorted(), "rows are missing")
    if communicator.isRoot { print("bits \(hash(all.array))") }
  }
}
