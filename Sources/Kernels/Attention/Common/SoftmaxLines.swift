// Softmax of the scores of a block of queries. Each step goes over all queries before the next one
// begins: between the steps of one query a processor would wait for sums and maxima of
// a few values.
//
// Scores have the factor log₂ e, so that softmax is made of powers
// of two (AttentionHead.packedScale).

import CVector

/// The scores of a block of queries, one line a query.
struct SoftmaxLines {
  let scores: UnsafeMutablePointer<Float>
  /// From line to line; a line is whole vectors, with numbers behind its keys.
  let stride: Int
  /// Keys of each query.
  let tokens: Int

  /// Takes the largest score of each query.
  func findLargest(_ terms: QueryTerms, queries: Int) {
    for query in 0..<queries {
      let line = scores + query * stride
      var largest = Lanes(repeating: -.infinity)
      forEachVector(tokens) { i, lanes in
        var values = load(line + i)
        if lanes < laneCount { values.clear(from: lanes, to: -.infinity) }
        largest = vector_max(values, largest)
      }
      terms.largest[query] = vector_largest(largest)
    }
  }

  /// Gives 2^(score − largest) of a query, 16 keys at a time, 0 behind the last one, and
  /// takes their sum.
  @inline(__always)
  func exponentiate(
    _ query: Int, _ terms: QueryTerms, _ body: (_ key: Int, _ values: Lanes) -> Void
  ) {
    let (line, largest) = (scores + query * stride, terms.largest[query])
    var sum = Lanes()
    forEachVector(tokens) { i, lanes in
      var values = powerOfTwo(load(line + i) - largest)
      if lanes < laneCount { values.clear(from: lanes) }
      sum += values
      body(i, values)
    }
    terms.sums[query] = horizontalSum(sum)
  }
}

/// One number for each query of a block.
struct QueryTerms {
  /// The largest score.
  let largest: UnsafeMutablePointer<Float>
  /// The denominator of softmax, over which the largest score was taken out.
  let sums: UnsafeMutablePointer<Float>
  /// What results are multiplied by.
  let factors: UnsafeMutablePointer<Float>
  /// log₂ of the whole denominator.
  let logarithms: UnsafeMutablePointer<Float>
  /// D of Attention.swift.
  let projected: UnsafeMutablePointer<Float>

  static let size = 5 * queryBlock

  /// In memory for `size` floats.
  init(_ memory: UnsafeMutablePointer<Float>) {
    largest = memory
    sums = memory + queryBlock
    factors = memory + 2 * queryBlock
    logarithms = memory + 3 * queryBlock
    projected = memory + 4 * queryBlock
  }

  /// Makes logarithms, and factors that divide by the sums and multiply by `scale`, of the
  /// largest and sums.
  func finish(scale: Float, queries: Int) {
    for query in stride(from: 0, to: queries, by: laneCount) {
      // Behind the last query sums of an earlier block, or the zeros of the beginning: never read.
      let sum = load(sums + query)
      store(scale / sum, factors + query)
      let logarithm = naturalLogarithm(sum) * log2e
      store(load(largest + query) + logarithm, logarithms + query)
    }
  }
}
