// Dropout masks from a counter-based generator: the bits of a place are a function of seed, step,
// place in the network, row and position, so that masks are made anew in the backward pass
// instead of being kept, and do not depend on how rows were shared out.
//
// Philox4x32-10: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011.

import CVector
import Memory

/// Dropout at one place of the network in one step.
public struct Dropout: Sendable {
  /// Values kept out of 65,536 are those whose 16 random bits are at least this.
  package let threshold: UInt32
  /// What kept values are multiplied by: 1 / (share of values kept).
  package let scale: Float
  package let seed: UInt64
  package let step: UInt32
  package let place: UInt32

  /// - Parameters:
  ///   - probability: share of values set to zero, in 0..<1, rounded to 1/65,536.
  ///   - seed: the run's seed.
  ///   - step: number of the optimizer step.
  ///   - place: number of the place in the network.
  public init(probability: Double, seed: UInt64, step: Int, place: Int) {
    precondition(probability >= 0 && probability < 1)
    let dropped = min((probability * 65_536).rounded(), 65_535)
    threshold = UInt32(dropped)
    scale = Float(65_536 / (65_536 - dropped))
    self.seed = seed
    self.step = UInt32(truncatingIfNeeded: step)
    self.place = UInt32(place)
  }

  /// Fills `mask` with 0 or `scale` for `count` values of the line `line` of the row `row`: a line
  /// is a token's values, or a query's attention to each key. Writes whole blocks of 128 values:
  /// `mask` holds `count` rounded up to a multiple of 128.
  @inline(__always)
  func fill(_ mask: UnsafeMutablePointer<Float>, count: Int, row: UInt32, line: Int) {
    let blocks = (count + 127) / 128
    for block in 0..<blocks {
      fillBlock(mask + block * 128, UInt32(truncatingIfNeeded: line * blocks + block), row)
    }
  }

  /// 128 values: 16 counters, 4 words each, 2 values a word.
  @inline(never)
  private func fillBlock(_ mask: UnsafeMutablePointer<Float>, _ block: UInt32, _ row: UInt32) {
    let words = philox(
      SIMD16<UInt32>(repeating: block &* 16) &+ laneNumbers, row: row, place: place, step: step,
      key: seed)
    fillWord(mask, words.0)
    fillWord(mask + 32, words.1)
    fillWord(mask + 64, words.2)
    fillWord(mask + 96, words.3)
  }

  @inline(__always)
  private func fillWord(_ mask: UnsafeMutablePointer<Float>, _ word: SIMD16<UInt32>) {
    let kept = Lanes(repeating: scale)
    let limit = SIMD16<UInt32>(repeating: threshold)
    let low = word & SIMD16<UInt32>(repeating: 0xFFFF)
    let high = word &>> SIMD16<UInt32>(repeating: 16)
    store(vector_select_less(low, limit, Lanes(), kept), mask)
    store(vector_select_less(high, limit, Lanes(), kept), mask + 16)
  }
}

private let laneNumbers = SIMD16<UInt32>(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)

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

/// values ∘= mask, in place: `values [T, H]` over the rows' tokens. Forward and backward alike.
public func applyDropout(_ dropout: Dropout, to values: Matrix<Float>, rows: RaggedRows) {
  let timer = KernelTimer(.dropout)
  defer { timer.stop() }
  precondition(values.rows == rows.tokenCount)
  let mask = MaskBuffer(columns: values.columns)
  for row in 0..<rows.count {
    let first = rows.offsets[row]
    for token in first..<rows.offsets[row + 1] {
      dropout.fill(mask.pointer, count: values.columns, row: rows.keys[row], line: token - first)
      let line = values.pointer + token * values.stride
      forEachVector(values.columns) { i, lanes in
        store(load(line + i, lanes) * load(mask.pointer + i), line + i, lanes)
      }
    }
  }
}

/// One line of a mask, in whole blocks of 128.
struct MaskBuffer {
  let memory: Vector<Float>
  var pointer: UnsafeMutablePointer<Float> { memory.pointer }

  init(columns: Int) {
    memory = Vector(zeros: (columns + 127) / 128 * 128)
  }
}
