// Dropout masks from a counter-based generator (CRandom): the bits of a place are a function of
// seed, step, place in the network, row and position, so that masks are made again in the backward
// pass instead of being kept, and do not depend on how rows were shared out.

import CRandom
import CVector
import Memory

/// Dropout at one place of the network in one step.
public struct Dropout: Sendable {
  /// A value is dropped if its 16 random bits are below this.
  package let threshold: UInt16
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
    threshold = UInt16(dropped)
    scale = Float(65_536 / (65_536 - dropped))
    self.seed = seed
    self.step = UInt32(truncatingIfNeeded: step)
    self.place = UInt32(place)
  }

  /// Fills whole blocks of 128 bits with what is kept, of the row `row`.
  @inline(__always)
  func fill(_ kept: UnsafeMutablePointer<UInt16>, blocks: Range<Int>, row: UInt32) {
    let stream = random_stream(key: seed, words: (row, place, step))
    random_bits(
      fastestUnit, UnsafeMutableRawPointer(kept).assumingMemoryBound(to: UInt8.self), stream,
      UInt32(truncatingIfNeeded: blocks.lowerBound), blocks.count, threshold)
  }
}

/// What this processor has to compute the bits by, the fastest first; each gives the same bits.
package let randomUnits: [random_unit] = {
  let flags = processorFlags()
  #if arch(x86_64)
    let aes: Set<Substring> = ["aes", "sse4_1"]
  #else
    let aes: Set<Substring> = ["aes"]
  #endif
  var units = [RANDOM_PORTABLE]
  if flags.isSuperset(of: aes) { units.insert(RANDOM_AES, at: 0) }
  if flags.isSuperset(of: ["vaes", "avx512f", "avx512bw"]) { units.insert(RANDOM_VAES, at: 0) }
  return units
}()

private let fastestUnit = randomUnits[0]

/// What dropout keeps of the lines of a row of the batch, one line a token: a bit for each value.
struct LineMask {
  /// What kept values are multiplied by.
  let scale: Float
  private let dropout: Dropout?
  /// Of a line.
  private let blocks: Int
  private let memory: Vector<UInt16>

  /// For lines of `columns` values. If there is no dropout every value is kept as it is.
  init(_ dropout: Dropout?, columns: Int, longestRow: Int) {
    self.dropout = dropout
    scale = dropout?.scale ?? 1
    blocks = (columns + maskBlock - 1) / maskBlock
    memory = Vector(zeros: (dropout == nil ? 1 : longestRow) * blocks * maskBlock / laneCount)
    if dropout == nil { memory.fill(.max) }
  }

  /// Takes the lines of the row `row`, all at once, because a call costs as much as some lines.
  func fill(row: UInt32, lines: Int) {
    dropout?.fill(memory.pointer, blocks: 0..<lines * blocks, row: row)
  }

  /// values ∘= the mask of one of these lines.
  @inline(__always)
  func apply(line: Int, to values: Vector<Float>) {
    let kept = self.line(line)
    forEachVector(values.count) { i, lanes in
      store(kept.keep(load(values.pointer + i, lanes), at: i) * scale, values.pointer + i, lanes)
    }
  }

  /// The mask of one of these lines.
  @inline(__always)
  func line(_ line: Int) -> UnsafePointer<UInt16> {
    UnsafePointer(memory.pointer + (dropout == nil ? 0 : line * blocks * (maskBlock / laneCount)))
  }
}

extension UnsafePointer<UInt16> {
  /// Of a line of a mask: the 16 values at `index`, a multiple of 16, that are kept; the others 0.
  @inline(__always)
  func keep(_ values: Lanes, at index: Int) -> Lanes {
    vector_keep(values, self[index / laneCount])
  }
}

/// Values of a mask that are made at a time.
let maskBlock = 128

/// values ∘= mask, in place: `values [T, H]` over the rows' tokens. Forward and backward alike.
public func applyDropout(_ dropout: Dropout, to values: Matrix<Float>, rows: RaggedRows) {
  let timer = KernelTimer(.dropout)
  defer { timer.stop() }
  precondition(values.rows == rows.tokenCount)
  let mask = LineMask(dropout, columns: values.columns, longestRow: rows.longest)
  for row in 0..<rows.count {
    let tokens = rows.offsets[row]..<rows.offsets[row + 1]
    mask.fill(row: rows.keys[row], lines: tokens.count)
    for token in tokens {
      mask.apply(line: token - tokens.lowerBound, to: values.row(token))
    }
  }
}

/// Likewise with one mask for all tokens of a row: that of a single vector in the row's place.
public func applyRowDropout(_ dropout: Dropout, to values: Matrix<Float>, rows: RaggedRows) {
  let timer = KernelTimer(.dropout)
  defer { timer.stop() }
  precondition(values.rows == rows.tokenCount)
  let mask = LineMask(dropout, columns: values.columns, longestRow: 1)
  for row in 0..<rows.count {
    mask.fill(row: rows.keys[row], lines: 1)
    for token in rows.offsets[row]..<rows.offsets[row + 1] {
      mask.apply(line: 0, to: values.row(token))
    }
  }
}
