import Memory

/// Rows of unequal length laid end to end: `B` rows, `T` tokens in all, no padding.
public struct RaggedRows: Sendable {
  /// Where each row begins; `offsets[B]` is T. `[B+1]`
  public let offsets: [Int]
  /// What names each row to the random generator, whatever batch it is in. `[B]`
  public let keys: [UInt32]

  /// Rows that begin at `offsets`, with a key each.
  public init(offsets: [Int], keys: [UInt32]) {
    precondition(offsets.count == keys.count + 1 && offsets.first == 0)
    precondition(zip(offsets, offsets.dropFirst()).allSatisfy { $0 <= $1 })
    self.offsets = offsets
    self.keys = keys
  }

  /// B, the number of rows.
  public var count: Int { keys.count }
  /// T, the number of tokens.
  public var tokenCount: Int { offsets[keys.count] }
  /// Tokens of the longest row.
  public var longest: Int { zip(offsets, offsets.dropFirst()).map { $1 - $0 }.max() ?? 0 }
}
