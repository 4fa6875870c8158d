import Kernels
import Memory
import Testing

/// What attention is tried with: dropout or none; single precision, or bfloat16 if the processor
/// has matrix tiles for it.
struct AttentionVariant: CustomTestStringConvertible {
  let dropout: Dropout?
  let precision: ProductPrecision

  var testDescription: String {
    "\(dropout == nil ? "no dropout" : "dropout"), \(precision)"
  }

  /// For a line of results for each token and head.
  func tolerance(lines: Int) -> Tolerance {
    precision == .float32 ? .attention : .roundedAttention(lines: lines)
  }

  static let precisions: [ProductPrecision] =
    AMX.areAvailable ? [.float32, .bfloat16] : [.float32]
  static let all = precisions.flatMap { precision in
    [nil, someDropout].map { AttentionVariant(dropout: $0, precision: precision) }
  }
}

/// One call's operands.
struct AttentionExample {
  let rows: RaggedRows
  let shape: AttentionShape
  let tokens: Int
  let width: Int
  let qkv: [Float]
  let bias: [Float]
  let upstream: [Float]

  init(_ lengths: [Int], heads: Int, headSize: Int, deviation: Double = 1) {
    var random = RandomValues(seed: headSize + 100 * lengths.reduce(0, +))
    rows = raggedRows(lengths)
    shape = AttentionShape(heads: heads, headSize: headSize)
    tokens = rows.tokenCount
    width = shape.hiddenSize
    qkv = random.normal(tokens * 3 * width, deviation: deviation)
    bias = random.normal(3 * width, deviation: 0.3)
    upstream = random.normal(tokens * width)
  }

  private init(
    rows: RaggedRows, shape: AttentionShape, qkv: [Float], bias: [Float], upstream: [Float]
  ) {
    self.rows = rows
    self.shape = shape
    tokens = rows.tokenCount
    width = shape.hiddenSize
    self.qkv = qkv
    self.bias = bias
    self.upstream = upstream
  }

  /// One row of the batch, with its key.
  func row(_ row: Int) -> AttentionExample {
    let span = rows.offsets[row]..<rows.offsets[row + 1]
    func part(_ values: [Float], _ columns: Int) -> [Float] {
      Array(values[span.lowerBound * columns..<span.upperBound * columns])
    }
    return AttentionExample(
      rows: RaggedRows(offsets: [0, span.count], keys: [rows.keys[row]]), shape: shape,
      qkv: part(qkv, 3 * width), bias: bias, upstream: part(upstream, width))
  }

  /// The lines of first tokens in a matrix `[T, H]`.
  func firstTokens(of values: [Float]) -> [Float] {
    rows.offsets.dropLast().flatMap { values[$0 * width..<($0 + 1) * width] }
  }

  /// Some columns of a matrix `[T, 3H]`.
  func columns(_ range: Range<Int>, of values: [Float]) -> [Float] {
    (0..<tokens).flatMap {
      values[$0 * 3 * width + range.lowerBound..<$0 * 3 * width + range.upperBound]
    }
  }

  /// Queries of first tokens, keys and values of all.
  var qkvOfFirstTokens: AttentionQKV {
    AttentionQKV(
      queries: .float32(
        Matrix(
          firstTokens(of: columns(0..<width, of: qkv)), rows: rows.count, columns: width)),
      keysAndValues: .float32(
        Matrix(columns(width..<3 * width, of: qkv), rows: tokens, columns: 2 * width)))
  }

  /// The same with a gradient of 0 for all but first tokens.
  func keepingUpstreamOfFirstTokens() -> AttentionExample {
    let firsts = Set(rows.offsets)
    let kept = upstream.enumerated().map { firsts.contains($0.offset / width) ? $0.element : 0 }
    return AttentionExample(rows: rows, shape: shape, qkv: qkv, bias: bias, upstream: kept)
  }

  /// The same with all of its values multiplied.
  func multiplied(by factor: Float) -> AttentionExample {
    AttentionExample(
      rows: rows, shape: shape, qkv: qkv.map { $0 * factor }, bias: bias,
      upstream: upstream.map { $0 * factor })
  }

  func twin(_ variant: AttentionVariant) -> ScalarAttention {
    ScalarAttention(
      qkv.doubles, bias.doubles, rows, shape, variant.dropout,
      isRounded: variant.precision == .bfloat16)
  }

  func scratch(_ variant: AttentionVariant) -> AttentionScratch {
    AttentionScratch(
      longestRow: rows.longest, headSize: shape.headSize, precision: variant.precision)
  }

  func inputs(_ variant: AttentionVariant, _ qkv: AttentionQKV) -> AttentionInputs {
    AttentionInputs(
      qkv: qkv, bias: Vector(bias), rows: rows, shape: shape, dropout: variant.dropout)
  }

  private func inputs(
    _ variant: AttentionVariant, _ memory: GuardedMemory, _ extent: AttentionExtent
  ) -> AttentionInputs {
    var inputs = AttentionInputs(
      qkv: AttentionQKV(.float32(memory.constant(qkv, tokens, 3 * width))),
      bias: memory.constant(bias), rows: rows, shape: shape, dropout: variant.dropout)
    inputs.extent = extent
    return inputs
  }

  func forward(
    _ variant: AttentionVariant, _ memory: GuardedMemory, _ extent: AttentionExtent = .all
  ) {
    attentionForward(
      inputs(variant, memory, extent),
      into: AttentionResults(
        output: .float32(memory.output("output", tokens, width)),
        logSumExp: memory.output("logSumExp", tokens, shape.heads)),
      precision: variant.precision, scratch: scratch(variant))
  }

  /// The backward pass with the twin's output and logarithms, rounded.
  func backward(
    _ variant: AttentionVariant, _ memory: GuardedMemory, _ twin: ScalarAttention? = nil,
    _ extent: AttentionExtent = .all, relative: Vector<Float>? = nil
  ) {
    let (output, logSumExp) = (twin ?? self.twin(variant)).forward()
    var distances = relative
    if case .relative(let positions) = extent, relative == nil {
      distances = Vector(zeros: positions.gradientCount)
    }
    attentionBackward(
      inputs(variant, memory, extent),
      AttentionResults(
        output: .float32(memory.constant(output.values.map(Float.init), tokens, width)),
        logSumExp: memory.constant(logSumExp.values.map(Float.init), tokens, shape.heads)),
      gradients: AttentionGradients(
        output: .float32(memory.constant(upstream, tokens, width)),
        qkv: AttentionQKV(.float32(memory.output("gradient", tokens, 3 * width))),
        bias: Vector(zeros: 3 * width), relative: distances),
      precision: variant.precision, scratch: scratch(variant))
  }
}
