import Collectives
import Memory

/// What rank `source` has for rank `target`, with lengths that differ for each pair and both ways
/// and are often zero.
private func part(_ source: Int, _ target: Int, _ length: Int, _ round: Int) -> [UInt64] {
  let count = length * ((3 * source + 5 * target + round) % 4)
  return (0..<count).map { mixed(UInt64(($0 << 16) + (source << 8) + (target << 4) + round)) }
}

/// A vector with room around it that nothing may be written to.
private struct Surrounded<Element: BitwiseCopyable & Equatable> {
  let view: Vector<Element>
  private let whole: Vector<Element>
  private let mark: Element

  init(_ count: Int, mark: Element) {
    whole = Vector(zeros: count + 16)
    whole.fill(mark)
    view = whole[8..<8 + count]
    self.mark = mark
  }

  var isIntact: Bool {
    whole.array.prefix(8).allSatisfy { $0 == mark }
      && whole.array.suffix(8).allSatisfy { $0 == mark }
  }
}

/// Exchanges parts between all pairs of ranks, and gathers parts of all, several times over, with
/// elements of one byte to eight.
func checkParts(_ communicator: Communicator) throws {
  for (round, length) in [0, 1, 7, 501].enumerated() {
    try exchange(communicator, length, round) { $0 }
    try exchange(communicator, length, round) { Float(bitPattern: UInt32($0 >> 40) | 1 << 30) }
    try exchange(communicator, length, round) { Int32(truncatingIfNeeded: $0) }
    try exchange(communicator, length, round) { UInt8(truncatingIfNeeded: $0) }
    try gather(communicator, length, round)
  }
  if communicator.isRoot { print("ok \(communicator.worldSize)") }
}

private func exchange<Element: BitwiseCopyable & Equatable>(
  _ communicator: Communicator, _ length: Int, _ round: Int, _ convert: (UInt64) -> Element
) throws {
  let (rank, ranks) = (communicator.rank, 0..<communicator.worldSize)
  let outgoing = ranks.map { Vector(part(rank, $0, length, round).map(convert)) }
  let sent = outgoing.map(\.array)
  let wanted = ranks.map { part($0, rank, length, round).map(convert) }
  let incoming = wanted.map { Surrounded($0.count, mark: convert(.max)) }
  try communicator.allToAll(outgoing, into: incoming.map(\.view))
  for source in ranks {
    try check(
      incoming[source].view.array == wanted[source], "rank \(rank): other values of \(source)")
    try check(incoming[source].isIntact, "rank \(rank): written beside the part of \(source)")
  }
  try check(outgoing.map(\.array) == sent, "rank \(rank): what is sent has changed")
}

private func gather(_ communicator: Communicator, _ length: Int, _ round: Int) throws {
  let (rank, ranks) = (communicator.rank, 0..<communicator.worldSize)
  let wanted = ranks.map { part($0, 0, length, round) }
  let own = Vector(wanted[rank])
  let parts = try communicator.gatherParts(own, counts: wanted.map(\.count))
  try check(parts.map(\.array) == wanted, "rank \(rank): other parts of length \(length)")
  try check(own.array == wanted[rank], "rank \(rank): its own part has changed")
}
