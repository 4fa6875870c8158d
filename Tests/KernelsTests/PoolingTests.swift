import Foundation
import Kernels
import Memory
import Testing

/// From tokens to one vector a row, and back.
struct PoolingTests {
  static let filled = batches

  @Test(arguments: widths)
  func meanPoolingIsTheMeanOfTheRowsTokens(width: Int) {
    for lengths in batches {
      var random = RandomValues(seed: width)
      let rows = raggedRows(lengths)
      let hidden = random.normal(rows.tokenCount * width)
      let matrix = ScalarMatrix(hidden, rows.tokenCount, width)
      let expected = (0..<rows.count).flatMap { row in
        (0..<width).map { column in
          let span = rows.offsets[row]..<rows.offsets[row + 1]
          return span.reduce(0) { $0 + matrix[$1, column] } / Double(span.count)
        }
      }
      let tolerance = Tolerance.sum(of: rows.longest)
      verify("meanPoolingForward \(lengths) × \(width)", ["output": expected], within: tolerance) {
        meanPoolingForward(
          $0.constant(hidden, rows.tokenCount, width), rows: rows,
          output: $0.output("output", rows.count, width))
      }
    }
  }

  /// A row's number and length for each token.
  private func owners(_ rows: RaggedRows) -> [(row: Int, place: Int, length: Int)] {
    (0..<rows.count).flatMap { row in
      let length = rows.offsets[row + 1] - rows.offsets[row]
      return (0..<length).map { (row, $0, length) }
    }
  }

  @Test(arguments: widths)
  func meanPoolingSharesTheGradientOut(width: Int) {
    for lengths in batches {
      var random = RandomValues(seed: width)
      let rows = raggedRows(lengths)
      let gradient = random.normal(rows.count * width)
      let expected = owners(rows).flatMap { owner in
        (0..<width).map { Double(gradient[owner.row * width + $0]) / Double(owner.length) }
      }
      let what = "meanPoolingBackward \(lengths) × \(width)"
      verify(what, ["hidden": expected], within: .elementwise) {
        meanPoolingBackward(
          $0.constant(gradient, rows.count, width), rows: rows,
          hiddenGradient: $0.output("hidden", rows.tokenCount, width))
      }
    }
  }

  @Test(arguments: widths)
  func firstTokensAreGatheredAndAddedTo(width: Int) {
    for lengths in batches {
      var random = RandomValues(seed: width)
      let rows = raggedRows(lengths)
      let hidden = random.normal(rows.tokenCount * width)
      let gradient = random.normal(rows.count * width)
      let firsts = rows.offsets.dropLast().flatMap { offset in
        hidden[offset * width..<(offset + 1) * width].map(Double.init)
      }
      verify("gatherFirstTokens \(lengths)", ["output": firsts], within: .exact) {
        gatherFirstTokens(
          $0.constant(hidden, rows.tokenCount, width), rows: rows,
          output: $0.output("output", rows.count, width))
      }
      let scattered = owners(rows).flatMap { owner in
        (0..<width).map { owner.place == 0 ? Double(gradient[owner.row * width + $0]) : 0 }
      }
      let sums = zip(hidden, scattered).map { Double($0 + Float($1)) }
      verify("addToFirstTokens \(lengths)", ["hidden": sums], within: .exact) {
        addToFirstTokens(
          $0.constant(gradient, rows.count, width), rows: rows,
          hiddenGradient: $0.changing("hidden", hidden, rows.tokenCount, width))
      }
    }
  }

  @Test(arguments: widths)
  func tanhAndItsGradient(width: Int) {
    var random = RandomValues(seed: width)
    let input = random.normal(width, deviation: 2)
    let upstream = random.normal(width)
    verify("applyTanh \(width)", ["values": input.doubles.map(tanh)], within: .elementwise) {
      applyTanh($0.changing("values", input))
    }
    let output = input.map { Float(tanh(Double($0))) }
    let expected = zip(upstream, output).map { Double($0) * (1 - Double($1) * Double($1)) }
    verify("tanhBackward \(width)", ["gradient": expected], within: .elementwise) {
      tanhBackward($0.changing("gradient", upstream), output: $0.constant(output))
    }
    let numerical = numericalGradient(at: input.doubles) {
      inner($0.map { tanh($0) }, upstream.doubles)
    }
    expectClose(expected.map(Float.init), numerical, within: .finiteDifference, "tanh'")
  }
}
