import Kernels
import Memory
import Testing

/// What attention is tried with: dropout or none; single precision, or bfloat16 where the processor has
/// matrix tiles for it.
struct AttentionVariant: CustomTestStringConvertible {
  let dropout: Dropout?
  let precision: ProductPrecision

  var testDescription: String {
    "\(dropout == nil ? "no dropout" : "dropout"), \(precision)"
  }

  var tolerance: Tolerance { precision == .float32 ? .attention : .roundedAttention }

  static let precisions: [ProductPrecision] =
    MatrixTiles.areAvailable ? [.float32, .bfloat16] : [.float32]
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
    let projection: [Float]
    let bias: [Float]
    let upstream: [Float]

    init(_ lengths: [Int], heads: Int, headSize: Int, deviation: Double = 1) {
      var random = RandomValues(seed: headSize + 100 * lengths.reduce(0, +))
      rows = raggedRows(lengths)
      shape = AttentionShape(heads: heads, headSize: headSize)
      tokens = rows.tokenCount
      width = shape.hiddenSize
      projection = random.normal(tokens * 3 * width, deviation: deviation)
      bias = random.normal(3 * width, deviation: 0.3)
      upstream = random.normal(tokens * width)
    }

    func twin(_ variant: AttentionVariant) -> ScalarAttention {
      ScalarAttention(
        projection.doubles, bias.doubles, rows, shape, variant.dropout,
        isRounded: variant.precision == .bfloat16)
    }

    func scratch(_ variant: AttentionVariant) -> AttentionScratch {
      AttentionScratch(
        longestRow: rows.longest, headSize: shape.headSize, precision: variant.precision)
    }

    func forward(_ variant: AttentionVariant, _ memory: GuardedMemory) {
      attentionForward(
        projection: memory.constant(projection, tokens, 3 * width), bias: memory.constant(bias),
        rows: rows, shape: shape, dropout: variant.dropout,
        output: memory.output("output", tokens, width),
        logSumExp: memory.output("logSumExp", tokens, shape.heads),
        precision: variant.precision, scratch: scratch(variant))
    }

    /// The backward pass with the twin's output and logarithms, rounded.
    func backward(_ variant: AttentionVariant, _ memory: GuardedMemory) {
      let (output, logSumExp) = twin(variant).forward()
      attentionBackward(
        projection: memory.constant(projection, tokens, 3 * width), bias: memory.constant(bias),
        rows: rows, shape: shape, dropout: variant.dropout,
        output: memory.constant(output.values.map(Float.init), tokens, width),
        logSumExp: memory.constant(logSumExp.values.map(Float.init), tokens, shape.heads),
        outputGradient: memory.constant(upstream, tokens, width),
        projectionGradient: memory.output("gradient", tokens, 3 * width),
        precision: variant.precision, scratch: scratch(variant))
    }
  }

  @Test(arguments: [8, 10, 16, 32, 33, 64], AttentionVariant.all)
  func forwardEqualsTheScalarTwin(headSize: Int, variant: AttentionVariant) {
    for lengths in batches {
      let example = Example(lengths, heads: 2, headSize: headSize)
      let (output, logSumExp) = example.twin(variant).forward()
      let expected = ["output": output.values, "logSumExp": logSumExp.values]
      verify("attentionForward \(lengths) × \(headSize)", expected, within: variant.tolerance) {
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
      verify("attentionBackward \(lengths) × \(headSize)", expected, within: variant.tolerance) {
        example.backward(variant, $0)
      }
    }
  }

  @Test(arguments: [8, 10], [nil, someDropout])
  func backwardEqualsFiniteDifferences(headSize: Int, dropout: Dropout?) {
    let example = Example([5, 1, 3], heads: 2, headSize: headSize)
    let gradient = numericalGradient(at: example.projection.doubles) { x in
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

  @Test(arguments: 0..<3, AttentionVariant.precisions)
  func aNaNInQueriesKeysOrValuesReachesTheOutput(part: Int, precision: ProductPrecision) {
    // Whoever watches for divergence looks at what comes out.
    let width = 16
    let projection = Matrix<Float>(zeros: 40, 3 * width)
    projection[37, part * width + 3] = .nan
    let output = Matrix<Float>(zeros: 40, width)
    attentionForward(
      projection: projection, bias: Vector(zeros: 3 * width), rows: raggedRows([40]),
      shape: AttentionShape(heads: 1, headSize: width), dropout: nil, output: output,
      logSumExp: Matrix(zeros: 40, 1),
      precision: precision,
      scratch: AttentionScratch(longestRow: 40, headSize: width, precision: precision))
    #expect(output.row(37).array.contains { $0.isNaN })
  }

  @Test(arguments: AttentionVariant.all)
  func aRowDoesNotDependOnItsBatch(variant: AttentionVariant) {
    let example = Example([3, 65, 17], heads: 3, headSize: 10)
    let memory = GuardedMemory(.tight)
    example.forward(variant, memory)
    example.backward(variant, memory)
    let all = memory.written
    for row in 0..<3 {
      let span = example.rows.offsets[row]..<example.rows.offsets[row + 1]
      let alone = RaggedRows(offsets: [0, span.count], keys: [example.rows.keys[row]])
      func part(_ values: [Float], _ columns: Int) -> [Float] {
        Array(values[span.lowerBound * columns..<span.upperBound * columns])
      }
      let output = Matrix<Float>(zeros: span.count, example.width)
      attentionForward(
        projection: Matrix(
          part(example.projection, 3 * example.width), rows: span.count, columns: 3 * example.width),
        bias: Vector(example.bias), rows: alone, shape: example.shape, dropout: variant.dropout,
        output: output, logSumExp: Matrix(zeros: span.count, 3),
        precision: variant.precision,
        scratch: AttentionScratch(longestRow: 512, headSize: 10, precision: variant.precision))
      #expect(haveSameBits(output.array, part(all["output"] ?? [], example.width)))
    }
  }

  @Test(arguments: AttentionVariant.precisions)
  func aScratchThatHeldALongerRowChangesNothing(precision: ProductPrecision) {
    let long = Example([130], heads: 1, headSize: 33)
    let short = Example([5, 18], heads: 1, headSize: 33)
    let scratch = AttentionScratch(longestRow: 130, headSize: 33, precision: precision)
    func run(_ example: Example, _ scratch: AttentionScratch) -> [Float] {
      let output = Matrix<Float>(zeros: example.tokens, example.width)
      let logSumExp = Matrix<Float>(zeros: example.tokens, 1)
      let gradient = Matrix<Float>(zeros: example.tokens, 3 * example.width)
      let projection = Matrix(
        example.projection, rows: example.tokens, columns: 3 * example.width)
      attentionForward(
        projection: projection, bias: Vector(example.bias), rows: example.rows,
        shape: example.shape, dropout: someDropout, output: output, logSumExp: logSumExp,
        precision: precision, scratch: scratch)
      attentionBackward(
        projection: projection, bias: Vector(example.bias), rows: example.rows,
        shape: example.shape, dropout: someDropout, output: output, logSumExp: logSumExp,
        outputGradient: Matrix(example.upstream, rows: example.tokens, columns: example.width),
        projectionGradient: gradient, precision: precision, scratch: scratch)
      return output.array + gradient.array
    }
    let fresh = run(short, AttentionScratch(longestRow: 18, headSize: 33, precision: precision))
    _ = run(long, scratch)
    #expect(haveSameBits(run(short, scratch), fresh))
  }
}
