import Memory

/// The packed operands of `AMXAttention`, in the forms of AMXForms.swift. n and d stand for tokens
/// and head size in multiples of 32.
final class AMXAttentionScratch {
  private let memory: Vector<Float>

  /// Rows `[n, d]`.
  let queries: UnsafeMutablePointer<BFloat16>
  let keys: UnsafeMutablePointer<BFloat16>
  let values: UnsafeMutablePointer<BFloat16>
  let outputGradients: UnsafeMutablePointer<BFloat16>
  /// Columns `[d, n]`.
  let queryColumns: UnsafeMutablePointer<BFloat16>
  let outputGradientColumns: UnsafeMutablePointer<BFloat16>
  /// Pairs of tokens `[n/2, d]`; `pairs` is for those of which only the columns are wanted.
  let keyPairs: UnsafeMutablePointer<UInt32>
  let valuePairs: UnsafeMutablePointer<UInt32>
  let pairs: UnsafeMutablePointer<UInt32>
  /// Pairs of a token's values `[d/2, n]`.
  let transposedKeys: UnsafeMutablePointer<UInt32>
  let transposedValues: UnsafeMutablePointer<UInt32>
  /// Of a block of queries, `[queryBlock, n]`: S, and the gradients of P.
  let scores: UnsafeMutablePointer<Float>
  let scoreGradients: UnsafeMutablePointer<Float>
  /// Of a block of queries, rows `[queryBlock, n]`, P' forward and dS backward; and backward both
  /// in pairs of queries `[queryBlock/2, n]`.
  let blockRows: UnsafeMutablePointer<BFloat16>
  let probabilityPairs: UnsafeMutablePointer<UInt32>
  let gradientPairs: UnsafeMutablePointer<UInt32>
  /// Results: `[queryBlock, d]`; dKᵀ and dVᵀ `[d, n]`; one of the two transposed, `[n, d]`.
  let block: UnsafeMutablePointer<Float>
  let keyGradients: UnsafeMutablePointer<Float>
  let valueGradients: UnsafeMutablePointer<Float>
  let lines: UnsafeMutablePointer<Float>

  /// Scratch for rows of up to `longestRow` tokens.
  init(longestRow: Int, headSize: Int) {
    let tokens = roundUp(max(longestRow, 1), tileSize)
    let operand = tokens * roundUp(headSize, tileSize)
    let line = queryBlock * tokens
    let block = queryBlock * roundUp(headSize, tileSize)
    // Two bfloat16 take the place of a float, as does a pair of them.
    memory = Vector(zeros: 11 * operand / 2 + 3 * operand + 7 * line / 2 + block)
    var next = memory.pointer
    func take(_ count: Int) -> UnsafeMutablePointer<Float> {
      defer { next += count }
      return next
    }
    func take<Value>(_ count: Int, of type: Value.Type) -> UnsafeMutablePointer<Value> {
      let floats = count * MemoryLayout<Value>.stride / MemoryLayout<Float>.stride
      return UnsafeMutableRawPointer(take(floats)).bindMemory(to: type, capacity: count)
    }
    queries = take(operand, of: BFloat16.self)
    keys = take(operand, of: BFloat16.self)
    values = take(operand, of: BFloat16.self)
    outputGradients = take(operand, of: BFloat16.self)
    queryColumns = take(operand, of: BFloat16.self)
    outputGradientColumns = take(operand, of: BFloat16.self)
    keyPairs = take(operand / 2, of: UInt32.self)
    valuePairs = take(operand / 2, of: UInt32.self)
    pairs = take(operand / 2, of: UInt32.self)
    transposedKeys = take(operand / 2, of: UInt32.self)
    transposedValues = take(operand / 2, of: UInt32.self)
    scores = take(line)
    scoreGradients = take(line)
    blockRows = take(line, of: BFloat16.self)
    probabilityPairs = take(line / 2, of: UInt32.self)
    gradientPairs = take(line / 2, of: UInt32.self)
    self.block = take(block)
    keyGradients = take(operand)
    valueGradients = take(operand)
    lines = take(operand)
    precondition(next == memory.pointer + memory.count)
  }
}
