import Collectives
import Memory

/// Every collective operation, with lengths that are zero, odd, and different on each rank.
func checkMessages(_ communicator: Communicator) throws {
  let (rank, ranks) = (communicator.rank, communicator.worldSize)
  func bytes(_ count: Int, _ seed: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ seed) }
  }
  try communicator.barrier()
  for length in [0, 1, 7, 20_003] {
    let sent = bytes(length, 5)
    let got = try communicator.broadcast(communicator.isRoot ? sent : [1, 2, 3])
    try check(got == sent, "broadcast of \(length) bytes")
    let gathered = try communicator.allGather(bytes(length * rank, rank))
    let wanted = (0..<ranks).map { bytes(length * $0, $0) }
    try check(gathered == wanted, "gathering \(length) bytes a rank")
    let doubles = Vector((0..<length * (ranks - rank)).map { Double($0 * 100 + rank) })
    let rows = (0..<ranks).flatMap { r in (0..<length * (ranks - r)).map { Double($0 * 100 + r) } }
    try check(try communicator.gatherRows(doubles).array == rows, "gathering \(length) values")
    let counts = Vector((0..<length).map { Int64($0) << 32 + Int64(rank) })
    try communicator.sum(counts)
    let sums = (0..<length).map { index in
      (0..<ranks).reduce(Int64(0)) { $0 + Int64(index) << 32 + Int64($1) }
    }
    try check(counts.array == sums, "sum of \(length) counts")
  }
  let shared = Vector<Float>(communicator.isRoot ? [1, .nan, -0.0] : [9, 9, 9])
  try communicator.broadcast(shared)
  try check(
    shared.array.map(\.bitPattern) == [Float(1), .nan, -0.0].map(\.bitPattern), "broadcast")
  try check(communicator.localSize == ranks && communicator.localRank == rank, "local ranks")
  try check(!communicator.hostName.isEmpty, "no host name")
  if communicator.isRoot { print("ok \(ranks)") }
}
