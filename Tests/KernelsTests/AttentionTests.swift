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

/// Attention against whole matrices of scores in double precision.
struct AttentionTests {
  /// One call's operands.
  struct Example {
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
    func row(_ row: Int) -> Example {
      let span = rows.offsets[row]..<rows.offsets[row + 1]
      func part(_ values: [Float], _ columns: Int) -> [Float] {
        Array(values[span.lowerBound * columns..<span.upperBound * columns])
      }
      return Example(
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
    func keepingUpstreamOfFirstTokens() -> Example {
      let firsts = Set(rows.offsets)
      let kept = upstream.enumerated().map { firsts.contains($0.offset / width) ? $0.element : 0 }
      return Example(rows: rows, shape: shape, qkv: qkv, bias: bias, upstream: kept)
    }

    /// The same with all of its values multiplied.
    func multiplied(by factor: Float) -> Example {
      Example(
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

    private func inputs(_ variant: AttentionVariant, _ memory: GuardedMemory) -> AttentionInputs {
      AttentionInputs(
        qkv: AttentionQKV(.float32(memory.constant(qkv, tokens, 3 * width))),
        bias: memory.constant(bias), rows: rows, shape: shape, dropout: variant.dropout)
    }

    func forward(_ variant: AttentionVariant, _ memory: GuardedMemory) {
      attentionForward(
        inputs(variant, memory),
        into: AttentionResults(
          output: .float32(memory.output("output", tokens, width)),
          logSumExp: memory.output("logSumExp", tokens, shape.heads)),
        precision: variant.precision, scratch: scratch(variant))
    }

    /// The backward pass with the twin's output and logarithms, rounded.
    func backward(_ variant: AttentionVariant, _ memory: GuardedMemory) {
      let (output, logSumExp) = twin(variant).forward()
      attentionBackward(
        inputs(variant, memory),
        AttentionResults(
          output: .float32(memory.constant(output.values.map(Float.init), tokens, width)),
          logSumExp: memory.constant(logSumExp.values.map(Float.init), tokens, shape.heads)),
        gradients: AttentionGradients(
          output: .float32(memory.constant(upstream, tokens, width)),
          qkv: AttentionQKV(.float32(memory.output("gradient", tokens, 3 * width))),
          bias: Vector(zeros: 3 * width)),
        precision: variant.precision, scratch: scratch(variant))
    }
  }

  @Test(arguments: [8, 10, 16, 32, 33, 64], AttentionVariant.all)
  func forwardEqualsTheScalarTwin(headSize: Int, variant: AttentionVariant) {
    for lengths in batches {
      let example = Example(lengths, heads: 2, headSize: headSize)
      let (output, logSumExp) = example.twin(variant).forward()
      let expected = ["output": output.values, "logSumExp": logSumExp.values]
      let tolerance = variant.tolerance(lines: example.tokens * 2)
      verify("attentionForward \(lengths) × \(headSize)", expected, within: tolerance) {
        example.forward(variant, $0)
      }
    }
  }

  @Test(arguments: [8, 10, 16, 32, 33, 64], AttentionVariant.all)
  func backwardEqualsTheScalarTwin(headSize: Int, variant: AttentionVariant) {
    for lengths in batches {
      let example = Example(lengths, heads: 2, headSize: headSize)
      let upstream = ScalarMatrix(example.upstream, example.tokens, example.width)
      let expected = ["gradient": example.twin(variant).backward(upstream).values]
      let tolerance = variant.tolerance(lines: example.tokens * 2)
      verify("attentionBackward \(lengths) × \(headSize)", expected, within: tolerance) {
        example.backward(variant, $0)
      }
    }
  }

  @Test(arguments: [8, 10], [nil, someDropout])
  func backwardEqualsFiniteDifferences(headSize: Int, dropout: Dropout?) {
    let example = Example([5, 1, 3], heads: 2, headSize: headSize)
    let gradient = numericalGradient(at: example.qkv.doubles) { x in
      let twin = ScalarAttention(x, example.bias.doubles, example.rows, example.shape, dropout)
      return inner(twin.forward().output.values, example.upstream.doubles)
    }
    verify("finite differences", ["gradient": gradient], within: .finiteDifference) {
      example.backward(AttentionVariant(dropout: dropout, precision: .float32), $0)
    }
  }

  @Test func scoresOfHundredsNeitherOverflowNorLoseTheLargest() {
    // Deviation 12 in queries and keys makes scores of up to about 600: all but one probability
    // of a query vanish. A score's float error of 2e-5 becomes the probabilities'.
    let example = Example([40, 3], heads: 1, headSize: 16, deviation: 12)
    let tolerance = Tolerance(reason: "the rounding of scores of several hundred", relative: 4e-4)
    let variant = AttentionVariant(dropout: nil, precision: .float32)
    let (output, logSumExp) = example.twin(variant).forward()
    #expect(logSumExp.values.contains { $0 > 300 })
    let expected = ["output": output.values, "logSumExp": logSumExp.values]
    verify("large scores", expected, within: tolerance) { example.forward(variant, $0) }
  }

  @Test(arguments: 0..<3, AttentionVariant.all)
  func aNaNInQueriesKeysOrValuesReachesTheOutput(part: Int, variant: AttentionVariant) {
    // Whoever watches for divergence looks at what comes out.
    let width = 16
    let qkv = Matrix<Float>(zeros: 40, 3 * width)
    qkv[37, part * width + 3] = .nan
    let output = Matrix<Float>(zeros: 40, width)
    attentionForward(
      AttentionInputs(
        qkv: AttentionQKV(.float32(qkv)), bias: Vector(zeros: 3 * width), rows: raggedRows([40]),
        shape: AttentionShape(heads: 1, headSize: width), dropout: variant.dropout),
      into: AttentionResults(output: .float32(output), logSumExp: Matrix(zeros: 40, 1)),
      precision: variant.precision,
      scratch: AttentionScratch(longestRow: 40, headSize: width, precision: variant.precision))
    // Dropout may keep a key's or a value's NaN from its own token, not from all of the row's.
    let seen = variant.dropout == nil ? output.row(37).array : output.array
    #expect(seen.contains { $0.isNaN })
  }

  /// Forward and backward: the output, and the gradients of the qkv and its biases.
  private func run(
    _ example: Example, _ variant: AttentionVariant, _ scratch: AttentionScratch
  ) -> (output: [Float], gradient: [Float], bias: [Float]) {
    let gradient = Matrix<Float>(zeros: example.tokens, 3 * example.width)
    let qkv = Matrix(example.qkv, rows: example.tokens, columns: 3 * example.width)
    let upstream = Matrix(example.upstream, rows: example.tokens, columns: example.width)
    let (output, bias) = run(
      example.inputs(variant, AttentionQKV(.float32(qkv))), variant, scratch, upstream: upstream,
      gradient: AttentionQKV(.float32(gradient)))
    return (output, gradient.array, bias)
  }

  /// Forward and backward: returns the output and the gradient of the biases, and fills `gradient`.
  private func run(
    _ inputs: AttentionInputs, _ variant: AttentionVariant, _ scratch: AttentionScratch,
    upstream: Matrix<Float>, gradient: AttentionQKV
  ) -> (output: [Float], bias: [Float]) {
    let output = Matrix<Float>(zeros: upstream.rows, upstream.columns)
    let results = AttentionResults(
      output: .float32(output), logSumExp: Matrix(zeros: upstream.rows, inputs.shape.heads))
    let bias = Vector<Float>(zeros: inputs.bias.count)
    attentionForward(inputs, into: results, precision: variant.precision, scratch: scratch)
    attentionBackward(
      inputs, results,
      gradients: AttentionGradients(output: .float32(upstream), qkv: gradient, bias: bias),
      precision: variant.precision, scratch: scratch)
    return (output.array, bias.array)
  }

  @Test(arguments: [10, 32], AttentionVariant.all)
  func theBiasesGradientSumsThatOfTheProjection(headSize: Int, variant: AttentionVariant) {
    let example = Example([1, 70, 2, 33, 130], heads: 2, headSize: headSize)
    let (_, gradient, bias) = run(example, variant, example.scratch(variant))
    let sums = Vector<Float>(zeros: 3 * example.width)
    addColumnSums(
      of: Matrix(gradient, rows: example.tokens, columns: 3 * example.width), into: sums)
    #expect(haveSameBits(bias, sums.array))
  }

  /// What is kept in bfloat16 gives what the same numbers give in single precision, rounded.
  @Test(arguments: [10, 32, 33], AttentionVariant.all)
  func whatIsKeptRoundedGivesTheSame(headSize: Int, variant: AttentionVariant) {
    let example = Example([1, 70, 2, 33, 64], heads: 2, headSize: headSize)
    let (tokens, width, scratch) = (example.tokens, example.width, example.scratch(variant))
    func pair(_ values: [Float], _ columns: Int) -> (exact: Operand, rounded: Operand) {
      let rounded = Matrix<BFloat16>(zeros: tokens, columns)
      Kernels.round(Matrix(values, rows: tokens, columns: columns), into: rounded)
      let exact = Matrix(rounded.array.map(\.float), rows: tokens, columns: columns)
      return (.float32(exact), .bfloat16(rounded))
    }
    let qkv = pair(example.qkv, 3 * width)
    let (output, logSumExp) = (
      Matrix<Float>(zeros: tokens, width), Matrix<Float>(zeros: tokens, 2)
    )
    let rounded = Matrix<BFloat16>(zeros: tokens, width)
    let inputs = (
      exact: example.inputs(variant, AttentionQKV(qkv.exact)),
      rounded: example.inputs(variant, AttentionQKV(qkv.rounded))
    )
    attentionForward(
      inputs.exact, into: AttentionResults(output: .float32(output), logSumExp: logSumExp),
      precision: variant.precision, scratch: scratch)
    attentionForward(
      inputs.rounded, into: AttentionResults(output: .bfloat16(rounded), logSumExp: logSumExp),
      precision: variant.precision, scratch: scratch)
    #expect(rounded.array.map(\.bitPattern) == output.array.map { BFloat16($0).bitPattern })

    let (kept, upstream) = (pair(output.array, width), pair(example.upstream, width))
    let gradient = Matrix<Float>(zeros: tokens, 3 * width)
    let roundedGradient = Matrix<BFloat16>(zeros: tokens, 3 * width)
    let bias = (Vector<Float>(zeros: 3 * width), Vector<Float>(zeros: 3 * width))
    attentionBackward(
      inputs.exact, AttentionResults(output: kept.exact, logSumExp: logSumExp),
      gradients: AttentionGradients(
        output: upstream.exact, qkv: AttentionQKV(.float32(gradient)), bias: bias.0),
      precision: variant.precision, scratch: scratch)
    attentionBackward(
      inputs.rounded, AttentionResults(output: kept.rounded, logSumExp: logSumExp),
      gradients: AttentionGradients(
        output: upstream.rounded, qkv: AttentionQKV(.bfloat16(roundedGradient)), bias: bias.1),
      precision: variant.precision, scratch: scratch)
    #expect(
      roundedGradient.array.map(\.bitPattern) == gradient.array.map { BFloat16($0).bitPattern })
    #expect(haveSameBits(bias.0.array, bias.1.array), "sums are of gradients before rounding")
  }

  /// The same values as attention of all tokens, of which only the first ones have a gradient.
  @Test(arguments: [10, 32, 33], AttentionVariant.all)
  func firstTokensAloneAttendAsTheyDoAmongAll(headSize: Int, variant: AttentionVariant) {
    let example = Example([1, 70, 2, 33, 64], heads: 2, headSize: headSize)
      .keepingUpstreamOfFirstTokens()
    let (count, width) = (example.rows.count, example.width)
    let all = run(example, variant, example.scratch(variant))
    let queries = Matrix<Float>(zeros: count, width)
    let keysAndValues = Matrix<Float>(zeros: example.tokens, 2 * width)
    let (output, bias) = run(
      example.inputs(variant, example.qkvOfFirstTokens), variant, example.scratch(variant),
      upstream: Matrix(example.firstTokens(of: example.upstream), rows: count, columns: width),
      gradient: AttentionQKV(
        queries: .float32(queries), keysAndValues: .float32(keysAndValues)))
    #expect(output == example.firstTokens(of: all.output))
    #expect(queries.array == example.firstTokens(of: example.columns(0..<width, of: all.gradient)))
    #expect(keysAndValues.array == example.columns(width..<3 * width, of: all.gradient))
    #expect(bias == all.bias)
  }

  @Test(arguments: AttentionVariant.all)
  func aRowDoesNotDependOnItsBatch(variant: AttentionVariant) {
    let example = Example([3, 65, 0, 17], heads: 3, headSize: 10)
    let all = run(example, variant, example.scratch(variant))
    for row in 0..<4 {
      let alone = example.row(row)
      let scratch = AttentionScratch(longestRow: 512, headSize: 10, precision: variant.precision)
      let (output, gradient, _) = run(alone, variant, scratch)
      let first = example.rows.offsets[row] * example.width
      let count = alone.tokens * example.width
      #expect(haveSameBits(output, Array(all.output[first..<first + count])))
      #expect(haveSameBits(gradient, Array(all.gradient[3 * first..<3 * (first + count)])))
    }
  }

  /// Nor one whose values were no numbers: a step that diverged is left out, and training goes on.
  @Test(arguments: AttentionVariant.all, [1, Float.nan])
  func aScratchThatHeldALongerRowChangesNothing(variant: AttentionVariant, factor: Float) {
    let long = Example([130], heads: 1, headSize: 33).multiplied(by: factor)
    let short = Example([5, 18], heads: 1, headSize: 33)
    let scratch = long.scratch(variant)
    let fresh = run(short, variant, short.scratch(variant))
    _ = run(long, variant, scratch)
    let (output, gradient, _) = run(short, variant, scratch)
    #expect(haveSameBits(output, fresh.output) && haveSameBits(gradient, fresh.gradient))
  }
}
