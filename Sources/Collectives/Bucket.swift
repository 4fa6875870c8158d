import Kernels

/// A contiguous part of the gradient vector that travels as one, usually a layer, and how it is
/// divided among the ranks.
public struct Bucket: Equatable, Sendable {
  /// Values in a block, the unit in which gradients are divided and their norm is formed.
  public static let blockSize = Kernels.blockSize

  /// Index of the first value in the gradient vector, a multiple of `blockSize`.
  public let offset: Int
  /// Number of values, a multiple of `blockSize`.
  public let count: Int
  /// Values in the unit that is never divided: the smallest number of whole rows that is also a
  /// number of whole blocks.
  public let granule: Int
  /// Values in a row of the bucket's table.
  public let rowLength: Int

  /// A bucket of `count` values from `offset` on. `rowLength` is that of a table whose rows must
  /// stay whole, which begins with the bucket; without it the bucket is divided at blocks.
  public init(offset: Int, count: Int, rowLength: Int = 1) {
    precondition(offset >= 0 && offset.isMultiple(of: Bucket.blockSize))
    precondition(count >= 0 && count.isMultiple(of: Bucket.blockSize))
    precondition(rowLength > 0)
    self.offset = offset
    self.count = count
    self.rowLength = rowLength
    var (divisor, rest) = (rowLength, Bucket.blockSize)
    while rest != 0 { (divisor, rest) = (rest, divisor % rest) }
    granule = rowLength / divisor * Bucket.blockSize
  }

  /// The values' indices in the gradient vector.
  public var range: Range<Int> { offset..<offset + count }

  /// The part that belongs to `rank` of `ranks`, as indices in the gradient vector: granules
  /// ⌊n·r/P⌋ ..< ⌊n·(r+1)/P⌋ of the bucket's n. It may be empty.
  ///
  /// The shards of 2d neighboring ranks lie end to end, so a halving over ranks that keeps the
  /// lower half on the lower d of them always divides at a shard's beginning.
  public func shard(ofRank rank: Int, ranks: Int) -> Range<Int> {
    precondition(rank >= 0 && rank < ranks, "rank \(rank) of \(ranks)")
    return boundary(rank, ranks: ranks)..<boundary(rank + 1, ranks: ranks)
  }

  /// The shards of the ranks in `group`, which lie end to end.
  func shards(_ group: Range<Int>, ranks: Int) -> Range<Int> {
    boundary(group.lowerBound, ranks: ranks)..<boundary(group.upperBound, ranks: ranks)
  }

  private func boundary(_ rank: Int, ranks: Int) -> Int {
    let granules = (count + granule - 1) / granule
    return offset + min(granules * rank / ranks * granule, count)
  }
}
