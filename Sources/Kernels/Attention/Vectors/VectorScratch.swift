import Memory

/// The packed operands of `VectorAttention`.
final class VectorScratch {
  private let memory: Vector<Float>

  /// `[tokens, head size]`, padded to whole tiles and vectors, as the next five.
  let queries: UnsafeMutablePointer<Float>
  let keys: UnsafeMutablePointer<Float>
  let values: UnsafeMutablePointer<Float>
  let outputGradients: UnsafeMutablePointer<Float>
  let keyGradients: UnsafeMutablePointer<Float>
  let valueGradients: UnsafeMutablePointer<Float>
  /// `[head size, tokens]`
  let transposedKeys: UnsafeMutablePointer<Float>
  let transposedValues: UnsafeMutablePointer<Float>
  /// `[queryBlock, tokens]`: probabilities, and their gradients.
  let scores: UnsafeMutablePointer<Float>
  let scoreGradients: UnsafeMutablePointer<Float>
  /// `[queryBlock, head size]`
  let block: UnsafeMutablePointer<Float>

  /// Scratch for rows of up to `longestRow` tokens.
  init(longestRow: Int, headSize: Int) {
    let tokens = roundUp(max(longestRow, 1), laneCount)
    let size = roundUp(headSize, laneCount)
    memory = Vector(zeros: 8 * tokens * size + 2 * queryBlock * tokens + queryBlock * size)
    var next = memory.pointer
    func take(_ count: Int) -> UnsafeMutablePointer<Float> {
      defer { next += count }
      return next
    }
    queries = take(tokens * size)
    keys = take(tokens * size)
    values = take(tokens * size)
    outputGradients = take(tokens * size)
    keyGradients = take(tokens * size)
    valueGradients = take(tokens * size)
    transposedKeys = take(tokens * size)
    transposedValues = take(tokens * size)
    scores = take(queryBlock * tokens)
    scoreGradients = take(queryBlock * tokens)
    block = take(queryBlock * size)
    precondition(next == memory.pointer + memory.count)
  }
}
