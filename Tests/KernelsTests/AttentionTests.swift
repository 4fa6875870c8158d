import Kernels
import Memory
import Testing

/// Attention against whole matrices of scores in double precision.
struct AttentionTests {
  @Test(arguments: [8, 10, 16, 32, 33, 64], AttentionVariant.all)
  func forwardEqualsTheScalarTwin(headSize: Int, variant: AttentionVariant) {
    for lengths in batches {
      let example = AttentionExample(lengths, heads: 2, headSize: headSize)
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
      let example = AttentionExample(lengths, heads: 2, headSize: headSize)
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
    let example = AttentionExample([5, 1, 3], heads: 2, headSize: headSize)
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
    let example = AttentionExample([40, 3], heads: 1, headSize: 16, deviation: 12)
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
    _ example: AttentionExample, _ variant: AttentionVariant, _ scratch: AttentionScratch
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
    let example = AttentionExample([1, 70, 2, 33, 130], heads: 2, headSize: headSize)
    let (_, gradient, bias) = run(example, variant, example.scratch(variant))
    let sums = Vector<Float>(zeros: 3 * example.width)
    addColumnSums(
      of: Matrix(gradient, rows: example.tokens, columns: 3 * example.width), into: sums)
    #expect(haveSameBits(bias, sums.array))
  }

  /// What is kept in bfloat16 gives what the same numbers give in single precision, rounded.
  @Test(arguments: [10, 32, 33], AttentionVariant.all)
  func whatIsKeptRoundedGivesTheSame(headSize: Int, variant: AttentionVariant) {
    let example = AttentionExample([1, 70, 2, 33, 64], heads: 2, headSize: headSize)
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
    let example = AttentionExample([1, 70, 2, 33, 64], heads: 2, headSize: headSize)
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
    let example = AttentionExample([3, 65, 0, 17], heads: 3, headSize: 10)
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
    let long = AttentionExample([130], heads: 1, headSize: 33).multiplied(by: factor)
    let short = AttentionExample([5, 18], heads: 1, headSize: 33)
    let scratch = long.scratch(variant)
    let fresh = run(short, variant, short.scratch(variant))
    _ = run(long, variant, scratch)
    let (output, gradient, _) = run(short, variant, scratch)
    #expect(haveSameBits(output, fresh.output) && haveSameBits(gradient, fresh.gradient))
  }
}
