import Kernels
import Memory
import Testing

/// Attention in a window, and with what distances add, against the scalar twin.
struct AttentionExtentTests {
  /// Lengths around blocks of 64 queries and windows.
  private let lengths = [1, 70, 3, 200, 33]
  private let buckets = RelativePositions.bucketCount + 2

  private func table(heads: Int) -> [Float] {
    var random = RandomValues(seed: 5)
    return random.normal(buckets * heads)
  }

  private func relative(_ example: AttentionExample) -> AttentionExtent {
    let heads = example.shape.heads
    let positions = RelativePositions(
      table: Matrix(table(heads: heads), rows: buckets, columns: heads),
      longestRow: example.rows.longest)
    positions.prepare()
    return .relative(positions)
  }

  private func twin(
    _ example: AttentionExample, _ variant: AttentionVariant, window: Int?
  ) -> ScalarAttention {
    let heads = example.shape.heads
    let extent: ScalarExtent =
      window.map { .window($0) }
      ?? .relative(table: ScalarMatrix(table(heads: heads), buckets, heads))
    var twin = example.twin(variant)
    twin.extent = extent
    return twin
  }

  @Test(arguments: [nil, 0, 5, 64, 300], AttentionVariant.all)
  func forwardEqualsTheScalarTwin(window: Int?, variant: AttentionVariant) {
    let example = AttentionExample(lengths, heads: 2, headSize: 10)
    let (output, logSumExp) = twin(example, variant, window: window).forward()
    let extent = window.map { .window($0) } ?? relative(example)
    verify(
      "attentionForward", ["output": output.values, "logSumExp": logSumExp.values],
      within: variant.tolerance(lines: example.tokens * 2)
    ) {
      example.forward(variant, $0, extent)
    }
  }

  @Test(arguments: [nil, 0, 5, 64, 300], AttentionVariant.all)
  func backwardEqualsTheScalarTwin(window: Int?, variant: AttentionVariant) {
    let example = AttentionExample(lengths, heads: 2, headSize: 10)
    let upstream = ScalarMatrix(example.upstream, example.tokens, example.width)
    let twin = twin(example, variant, window: window)
    let extent = window.map { .window($0) } ?? relative(example)
    verify(
      "attentionBackward", ["gradient": twin.backward(upstream).values],
      within: variant.tolerance(lines: example.tokens * 2)
    ) {
      example.backward(variant, $0, twin, extent)
    }
  }

  @Test(arguments: AttentionVariant.all)
  func distancesHaveTheSumsOfTheirScoresGradients(variant: AttentionVariant) {
    let example = AttentionExample(lengths, heads: 2, headSize: 10)
    guard case .relative(let positions) = relative(example) else { return }
    let places = positions.gradientCount / 2
    let upstream = ScalarMatrix(example.upstream, example.tokens, example.width)
    let twin = twin(example, variant, window: nil)
    let expected = twin.distanceGradients(
      upstream, center: example.rows.longest, places: places)
    verify(
      "distances", ["relative": expected], within: variant.tolerance(lines: positions.gradientCount)
    ) { memory in
      let sums = memory.changing(
        "relative", [Float](repeating: 0, count: positions.gradientCount))
      let guarded = GuardedMemory(.tight)
      example.backward(variant, guarded, twin, .relative(positions), relative: sums)
    }
    // The table's gradient sums those of its distances.
    let gradients = Vector<Float>(expected.map(Float.init))
    let target = Matrix<Float>(zeros: buckets, 2)
    positions.sum(gradients, into: target)
    var sums = Array(repeating: 0.0, count: buckets * 2)
    for (index, value) in expected.enumerated() {
      let distance = index % places - example.rows.longest
      guard abs(distance) < example.rows.longest else { continue }
      sums[scalarBucket(distance) * 2 + index / places] += value
    }
    for (found, wanted) in zip(target.array, sums) { #expect(abs(Double(found) - wanted) < 1e-4) }
  }

  @Test(arguments: [nil, 2])
  func backwardEqualsFiniteDifferences(window: Int?) {
    let example = AttentionExample([5, 1, 3], heads: 2, headSize: 8)
    let variant = AttentionVariant(dropout: nil, precision: .float32)
    let reference = twin(example, variant, window: window)
    let gradient = numericalGradient(at: example.qkv.doubles) { x in
      var twin = ScalarAttention(x, example.bias.doubles, example.rows, example.shape, nil)
      twin.extent = reference.extent
      return inner(twin.forward().output.values, example.upstream.doubles)
    }
    let extent = window.map { .window($0) } ?? relative(example)
    verify("finite differences", ["gradient": gradient], within: .finiteDifference) {
      example.backward(variant, $0, reference, extent)
    }
  }

  /// A window that reaches over the whole row.
  @Test(arguments: AttentionVariant.precisions)
  func aWindowOfTheRowIsAttentionToAllKeys(precision: ProductPrecision) {
    let example = AttentionExample([70, 3], heads: 2, headSize: 16)
    let variant = AttentionVariant(dropout: nil, precision: precision)
    func output(_ extent: AttentionExtent) -> [Float] {
      let memory = GuardedMemory(.tight)
      example.forward(variant, memory, extent)
      return memory.written["output"] ?? []
    }
    #expect(output(.window(70)) == output(.all))
  }

  @Test func distancesFallIntoTheBucketsOfMPNet() {
    for distance in -600...600 {
      #expect(RelativePositions.bucket(distance) == scalarBucket(distance), "\(distance)")
    }
  }
}
