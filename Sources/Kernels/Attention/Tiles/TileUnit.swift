import CTiles

/// What multiplies small matrices of bfloat16. The results of two units differ in the order of their sums.
package enum TileUnit: CaseIterable, Sendable {
  /// Vectors of pairs (AVX512-BF16).
  case vectors
  /// Matrix tiles (AMX).
  case matrices

  /// The fastest one here; nil where there is none.
  package static let best = available.last

  /// Those that this processor has, the fastest last.
  package static let available = allCases.filter { unit in
    processorFlags().isSuperset(of: unit.instructions) && tile_unit_is_usable(unit.code)
  }

  private var instructions: Set<Substring> {
    switch self {
    case .vectors: ["avx512f", "avx512bw", "avx512_bf16"]
    case .matrices: ["amx_tile", "amx_bf16"]
    }
  }

  private var code: tile_unit {
    switch self {
    case .vectors: TILES_OF_VECTORS
    case .matrices: TILES_OF_MATRICES
    }
  }

  /// Runs a body that multiplies by this unit, and nothing else that may use it.
  @inline(__always)
  func withTiles(_ body: () -> Void) {
    let previous = set_up_tiles(code)
    body()
    restore_tiles(code, previous)
  }

  /// c = a·b, or c += a·b: `a [rows, depth]`, `b [depth, columns]`, all three multiples of 32;
  /// inside `withTiles`.
  func multiply(
    _ a: TileRows, _ b: TilePairs, _ c: UnsafeMutablePointer<Float>, stride: Int, rows: Int,
    columns: Int, depth: Int, accumulate: Bool = false
  ) {
    let values = UnsafeRawPointer(a.pointer).assumingMemoryBound(to: UInt16.self)
    multiply_tiles(
      code, values, a.stride, b.pointer, b.stride, c, stride, rows, columns, depth, accumulate)
  }
}

/// A left operand, row by row.
struct TileRows {
  let pointer: UnsafePointer<BFloat16>
  /// From row to row.
  let stride: Int
}

/// A right operand: pairs of values that stand below each other, the upper one in the low half.
struct TilePairs {
  let pointer: UnsafePointer<UInt32>
  /// From a row of pairs to the next.
  let stride: Int
}
