// One failure on one rank becomes one message and one exit code for all.

extension Communicator {
  /// Tells all ranks whether this one has failed, and learns the failure of the lowest rank that
  /// has, or nil if none has.
  public func agree(
    on failure: (message: String, exitCode: Int32)?
  ) throws -> RankFailure? {
    var mine: [UInt8] = []
    if let failure {
      mine = withUnsafeBytes(of: failure.exitCode.littleEndian) { Array($0) }
      mine += failure.message.utf8
    }
    let all = try allGather(mine)
    guard let rank = all.firstIndex(where: { !$0.isEmpty }) else { return nil }
    let first = all[rank]
    return RankFailure(
      rank: rank, message: String(decoding: first.dropFirst(4), as: UTF8.self),
      exitCode: first.prefix(4).reversed().reduce(0) { $0 << 8 | Int32($1) },
      isShared: all.allSatisfy { $0 == first })
  }

  /// Runs `body` on every rank; if it throws on any, every rank throws the same `RankFailure`, to
  /// be printed by rank 0. `body` must not hold a collective call that a failure would skip.
  public func together<Result>(
    exitCode: (any Error) -> Int32, _ body: () throws -> Result
  ) throws -> Result {
    let outcome = Swift.Result { try body() }
    var failure: (message: String, exitCode: Int32)?
    if case .failure(let error) = outcome { failure = ("\(error)", exitCode(error)) }
    if let agreed = try agree(on: failure) { throw agreed }
    return try outcome.get()
  }
}
