import Collectives
import Kernels
import Memory

private let rowCount = 997
private let columns = 24
private let steps = 4

/// The value of a row's column after `step` updates.
private func value(_ row: Int, _ column: Int, step: Int) -> Float {
  adversarial(UInt64(row * columns + column) << 8 | UInt64(step))
}

/// What a rank reads in a step: nothing, a few rows, every row, rows at the ends of shards.
private func wanted(by rank: Int, step: Int) -> [Int32] {
  switch (rank + step) % 4 {
  case 0: []
  case 1: (0..<rowCount).map(Int32.init)
  case 2: [0, Int32(rowCount - 1)]
  default:
    (0..<rowCount).filter { mixed(UInt64($0 << 8 | rank << 4 | step)) % 11 == 0 }.map(Int32.init)
  }
}

/// Updates the rank's rows of a table in each of some steps and fetches others: what was asked for,
/// and the rank's own rows, must be those of the last update; all other rows must be as they were.
func checkFetch(_ communicator: Communicator) throws {
  let rank = communicator.rank
  let count = (rowCount * columns + Bucket.blockSize - 1) / Bucket.blockSize * Bucket.blockSize
  let bucket = Bucket(offset: 3 * Bucket.blockSize, count: count, rowLength: columns)
  let queue = ExchangeQueue(communicator: communicator)
  let fetch = SparseEmbeddingFetch(queue: queue, bucket: bucket, rowCount: rowCount)
  let parameters = Vector<Float>(zeros: bucket.range.upperBound)
  /// The update that each row is of.
  var version = [Int](repeating: 0, count: rowCount)
  func write(_ rows: some Sequence<Int>, step: Int) {
    for row in rows {
      version[row] = step
      for column in 0..<columns {
        parameters[bucket.offset + row * columns + column] = value(row, column, step: step)
      }
    }
  }
  write(0..<rowCount, step: 0)
  for step in 1...steps {
    let rows = wanted(by: rank, step: step)
    try fetch.ask(for: rows)
    try queue.progress()
    write(fetch.ownRows, step: step)
    try fetch.answer(from: parameters)
    try fetch.finish()
    for row in rows { version[Int(row)] = step }
    for row in 0..<rowCount {
      for column in 0..<columns {
        let found = parameters[bucket.offset + row * columns + column]
        try check(
          found.bitPattern == value(row, column, step: version[row]).bitPattern,
          "rank \(rank), step \(step): row \(row) is not that of update \(version[row])")
      }
    }
  }
  try queue.finish()
  let asked = (1...steps).reduce(0) { sum, step in
    sum + wanted(by: rank, step: step).count { !fetch.ownRows.contains(Int($0)) }
  }
  try check(
    queue.statistics.bytesReceived >= asked * columns * 4
      && queue.statistics.bytesReceived <= asked * columns * 4
        + 4 * rowCount * steps * communicator.worldSize,
    "more than what was asked for has come")
  try communicator.barrier()
  if communicator.isRoot { print("ok \(communicator.worldSize)") }
}
