// Philox4x32-10: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011.

import CVector
import Foundation
import Memory

/// Fills `values` with numbers of N(0, deviation²), by Box and Muller's transform of Philox words;
/// the same numbers for the same seed and stream on every machine with the same C library.
public func fillNormal(_ values: Vector<Float>, deviation: Double, seed: UInt64, stream: UInt32) {
  let lanes = SIMD16<UInt32>(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
  for start in stride(from: 0, to: values.count, by: 64) {
    let words = philox(
      SIMD16<UInt32>(repeating: UInt32(start / 4)) &+ lanes, row: stream, place: .max, step: 0,
      key: seed)
    for lane in 0..<16 {
      let first = normalPair(words.0[lane], words.1[lane])
      let second = normalPair(words.2[lane], words.3[lane])
      let numbers = [first.0, first.1, second.0, second.1]
      for (offset, number) in numbers.enumerated() {
        let index = start + lane * 4 + offset
        if index < values.count { values.pointer[index] = Float(number * deviation) }
      }
    }
  }
}

private func normalPair(_ a: UInt32, _ b: UInt32) -> (Double, Double) {
  let radius = (-2 * log((Double(a) + 0.5) / 4_294_967_296)).squareRoot()
  let angle = 2 * Double.pi * (Double(b) + 0.5) / 4_294_967_296
  return (radius * cos(angle), radius * sin(angle))
}

/// Philox4x32-10 on 16 counters (counter, row, place, step) with a 64-bit key.
@inline(__always)
package func philox(
  _ counter: SIMD16<UInt32>, row: UInt32, place: UInt32, step: UInt32, key: UInt64
) -> (SIMD16<UInt32>, SIMD16<UInt32>, SIMD16<UInt32>, SIMD16<UInt32>) {
  var (c0, c1) = (counter, SIMD16<UInt32>(repeating: row))
  var (c2, c3) = (SIMD16<UInt32>(repeating: place), SIMD16<UInt32>(repeating: step))
  var (k0, k1) = (UInt32(truncatingIfNeeded: key), UInt32(truncatingIfNeeded: key >> 32))
  for _ in 0..<10 {
    let high0 = vector_multiply_high(c0, 0xD251_1F53)
    let low0 = c0 &* SIMD16<UInt32>(repeating: 0xD251_1F53)
    let high1 = vector_multiply_high(c2, 0xCD9E_8D57)
    let low1 = c2 &* SIMD16<UInt32>(repeating: 0xCD9E_8D57)
    c0 = high1 ^ c1 ^ SIMD16<UInt32>(repeating: k0)
    c1 = low1
    c2 = high0 ^ c3 ^ SIMD16<UInt32>(repeating: k1)
    c3 = low0
    k0 &+= 0x9E37_79B9
    k1 &+= 0xBB67_AE85
  }
  return (c0, c1, c2, c3)
}
