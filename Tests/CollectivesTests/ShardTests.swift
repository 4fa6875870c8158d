import Collectives
import Kernels
import Memory
import Testing

@Suite struct ShardTests {
  @Test(
    arguments: [1, 2, 3, 4, 8, 13], [(0, 1), (1, 1), (40, 1), (18, 384), (100, 768), (7, 300)])
  func shardsCoverTheBucketInWholeBlocksAndRows(ranks: Int, shape: (Int, Int)) {
    let (blocks, rowLength) = shape
    let bucket = Bucket(
      offset: 3_072, count: blocks * Bucket.blockSize, rowLength: rowLength)
    var end = bucket.offset
    for rank in 0..<ranks {
      let shard = bucket.shard(ofRank: rank, ranks: ranks)
      #expect(shard.lowerBound == end)
      end = shard.upperBound
      guard end < bucket.range.upperBound else { continue }
      #expect((end - bucket.offset).isMultiple(of: Bucket.blockSize))
      #expect((end - bucket.offset).isMultiple(of: rowLength))
    }
    #expect(end == bucket.range.upperBound)
  }

  @Test func shardsDifferByOneGranuleAtMost() {
    let bucket = Bucket(offset: 0, count: 1_003 * Bucket.blockSize)
    let counts = (0..<8).map { bucket.shard(ofRank: $0, ranks: 8).count / Bucket.blockSize }
    #expect(Set(counts) == [125, 126])
  }
}

@Suite struct SparseRowsTests {
  @Test func equalTokensAreAddedInTheOrderOfTheirPlaces() {
    let buffer = SparseRowsBuffer(rows: 10, columns: 2)
    let gradients: [Float] = [1e8, 1, 5, 2, 1, 3, -1e8, 4]
    buffer.collect(
      tokens: Vector([7, 2, 7, 7]), gradients: Matrix(gradients, rows: 4, columns: 2))
    #expect(buffer.rows.ids.array == [2, 7])
    let first: Float = (1e8 + 1) - 1e8
    #expect(buffer.rows.values.array == [5, 2, first, 8])
  }

  @Test func scatterAndClearTouchOnlyTheirRows() {
    let buffer = SparseRowsBuffer(rows: 4, columns: 2)
    buffer.collect(tokens: Vector([3, 1]), gradients: Matrix([1, 2, 3, 4], rows: 2, columns: 2))
    let table = Vector<Float>([9, 0, 0, 0, 0, 0, 0, 0, 0, 9])
    buffer.rows.scatter(into: table, at: 1)
    #expect(table.array == [9, 0, 0, 3, 4, 0, 0, 1, 2, 9])
    buffer.rows.clear(in: table, at: 1)
    #expect(table.array == [9, 0, 0, 0, 0, 0, 0, 0, 0, 9])
  }

  @Test func aBufferIsEmptyAfterAnEmptyMicrobatch() {
    let buffer = SparseRowsBuffer(rows: 4, columns: 2)
    buffer.collect(tokens: Vector([1]), gradients: Matrix([1, 2], rows: 1, columns: 2))
    buffer.collect(tokens: Vector([]), gradients: Matrix([], rows: 0, columns: 2))
    #expect(buffer.rows.count == 0)
  }
}
