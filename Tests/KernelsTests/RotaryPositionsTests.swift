import Foundation
import Kernels
import Memory
import Testing

/// Rotary positions against rotations by their angles.
struct RotaryPositionsTests {
  private let base = 10_000.0
  private let heads = 3

  /// The lines turned by `direction` times their angles.
  private func turned(
    _ values: [Float], _ rows: RaggedRows, headSize: Int, direction: Double
  ) -> [Double] {
    let (width, half) = (heads * headSize, headSize / 2)
    var result = values.doubles
    for row in 0..<rows.count {
      for token in rows.offsets[row]..<rows.offsets[row + 1] {
        for head in 0..<heads {
          for i in 0..<half {
            let angle =
              direction * Double(token - rows.offsets[row])
              * pow(base, -Double(2 * i) / Double(headSize))
            let first = token * width + head * headSize + i
            let (a, b) = (Double(values[first]), Double(values[first + half]))
            result[first] = a * cos(angle) - b * sin(angle)
            result[first + half] = b * cos(angle) + a * sin(angle)
          }
        }
      }
    }
    return result
  }

  /// An angle of place 130 has an error of 130 · 2⁻²⁴.
  private let tolerance = Tolerance(reason: "the rounding of angles up to 130", relative: 3e-5)

  @Test(arguments: [2, 8, 10, 64, 96])
  func queriesAndKeysAreTurnedByTheirPlaces(headSize: Int) {
    for lengths in batches {
      let rows = raggedRows(lengths)
      let (tokens, width) = (rows.tokenCount, heads * headSize)
      var random = RandomValues(seed: headSize)
      let (values, bias) = (random.normal(tokens * width), random.normal(width))
      let sum = values.enumerated().map { $0.element + bias[$0.offset % width] }
      let expected = turned(sum, rows, headSize: headSize, direction: 1)
      let positions = RotaryPositions(
        base: base, headSize: headSize, longestRow: max(rows.longest, 1))
      verify("rotate \(lengths)", ["values": expected], within: tolerance) { memory in
        rotate(
          .float32(memory.changing("values", values, tokens, width)), bias: memory.constant(bias),
          by: positions, rows: rows)
      }
    }
  }

  @Test(arguments: [8, 10, 64])
  func gradientsAreTurnedBackAndSummed(headSize: Int) {
    let rows = raggedRows([3, 65, 1])
    let (tokens, width) = (rows.tokenCount, heads * headSize)
    var random = RandomValues(seed: headSize)
    let values = random.normal(tokens * width)
    let expected = turned(values, rows, headSize: headSize, direction: -1)
    let sums = ScalarMatrix(expected, tokens, width).columnSums
    let positions = RotaryPositions(base: base, headSize: headSize, longestRow: 65)
    verify("rotateBack", ["values": expected, "sums": sums], within: tolerance) { memory in
      rotateBack(
        .float32(memory.changing("values", values, tokens, width)),
        sums: memory.changing("sums", [Float](repeating: 0, count: width)), by: positions,
        rows: rows)
    }
  }
}
