// Every rank gives every other one something of its own.

import CMPIShim
import Memory

extension Communicator {
  /// Sends `outgoing[r]` to rank r and receives `incoming[r]` from it; what a rank has for itself
  /// is copied. Counts must agree between the two ranks of each pair. Collective.
  public func allToAll<Element>(
    _ outgoing: [Vector<Element>], into incoming: [Vector<Element>]
  ) throws {
    precondition(outgoing.count == worldSize && incoming.count == worldSize)
    incoming[rank].copy(from: outgoing[rank])
    guard worldSize > 1 else { return }
    let size = MemoryLayout<Element>.stride
    var requests = PendingRequests()
    for distance in 1..<worldSize {
      let source = (rank + worldSize - distance) % worldSize
      try receive(
        incoming[source].pointer, byteCount: incoming[source].count * size, from: source,
        tag: Tag.allToAll, adding: &requests)
    }
    for distance in 1..<worldSize {
      let target = (rank + distance) % worldSize
      try send(
        outgoing[target].pointer, byteCount: outgoing[target].count * size, to: target,
        tag: Tag.allToAll, adding: &requests)
    }
    try wait(for: &requests)
  }

  /// The values of every rank, by rank, on every rank, without a second copy of them on the way:
  /// for what is large. `counts[r]` are those of rank r. Collective.
  public func gatherParts<Element>(
    _ values: Vector<Element>, counts: [Int]
  ) throws -> [Vector<Element>] {
    let parts = counts.enumerated().map { $0 == rank ? values : Vector<Element>(zeros: $1) }
    try allToAll((0..<worldSize).map { _ in values }, into: parts)
    return parts
  }
}
