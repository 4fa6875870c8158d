import Kernels
import Memory
import Testing

/// Sums, additions and the test for finite values.
struct ReductionTests {
  static let counts = [0, 1, 7, 15, 16, 17, 31, 32, 33, 40, 384, 1_024, 1_536]

  @Test(arguments: counts)
  func addition(count: Int) {
    var random = RandomValues(seed: count)
    let (a, b) = (random.normal(count), random.normal(count))
    let expected = ["sum": zip(a, b).map { Double($0 + $1) }]
    verify("add \(count)", expected, within: .exact) {
      add($0.constant(a), into: $0.changing("sum", b))
    }
  }

  @Test(arguments: counts)
  func scaling(count: Int) {
    var random = RandomValues(seed: count)
    let a = random.normal(count)
    verify("scale \(count)", ["a": a.map { Double($0 * 0.7) }], within: .exact) {
      scale($0.changing("a", a), by: 0.7)
    }
  }

  @Test(arguments: widths)
  func columnSumsAddTokensInOrder(width: Int) {
    for tokens in [0, 1, 2, 17, 130] {
      var random = RandomValues(seed: width + tokens)
      let values = random.normal(tokens * width)
      let earlier = random.normal(width)
      // In order and in float, so that the sums are the twin's to the bit.
      var sums = earlier
      for (index, value) in values.enumerated() { sums[index % width] += value }
      verify("addColumnSums [\(tokens), \(width)]", ["sums": sums.doubles], within: .exact) {
        addColumnSums(of: $0.constant(values, tokens, width), into: $0.changing("sums", earlier))
      }
    }
  }

  @Test(arguments: widths)
  func biasGoesToEveryRow(width: Int) {
    for tokens in [0, 1, 2, 17] {
      var random = RandomValues(seed: width + tokens)
      let values = random.normal(tokens * width)
      let bias = random.normal(width)
      let expected = values.enumerated().map { Double($0.element + bias[$0.offset % width]) }
      verify("addBias [\(tokens), \(width)]", ["values": expected], within: .exact) {
        addBias($0.constant(bias), to: $0.changing("values", values, tokens, width))
      }
    }
  }

  @Test(arguments: counts)
  func sumOfSquaresIsInDoublePrecision(count: Int) {
    var random = RandomValues(seed: count)
    let values = random.normal(count)
    let expected = values.doubles.reduce(0) { $0 + $1 * $1 }
    for layout in Layout.allCases {
      let memory = GuardedMemory(layout)
      let sum = sumOfSquares(memory.constant(values))
      // Squares of floats are exact in double; what remains is the order of the additions.
      #expect(abs(sum - expected) <= 1e-14 * expected)
      #expect(sum == sumOfSquares(Vector(values)))
    }
  }

  @Test func squaresThatOverflowAFloatAreSummed() {
    let (a, b) = (Float(3e30), Float(4e30))
    let expected = Double(a) * Double(a) + Double(b) * Double(b)
    #expect(sumOfSquares(Vector([a, b])) == expected)
  }

  @Test func anyValueThatDiffersChangesTheChecksum() {
    let values = Vector((0..<1_001).map { Float($0) * 0.25 })
    let sum = checksum(values)
    #expect(checksum(Vector(values.array)) == sum)
    for index in [0, 1, 500, 1_000] {
      let other = Vector(values.array)
      other[index] = Float(bitPattern: other[index].bitPattern ^ 1)
      #expect(checksum(other) != sum, "value \(index)")
    }
    let swapped = Vector(values.array)
    (swapped[3], swapped[700]) = (values[700], values[3])
    #expect(checksum(swapped) != sum)
  }
}
