import CTiles
import ProcessControl

#if HAVE_ONEDNN
  import COneDNN
#endif

/// Sizes of tile operands are multiples of it.
let tileSize = 32

/// Products of bfloat16 matrices by the processor's matrix tiles (AMX).
package enum AMX {
  /// Whether the processor has them, and the system lets this process use them. DNNL_MAX_CPU_ISA,
  /// which keeps oneDNN from them, keeps all of the program from them.
  package static let areAvailable =
    ChosenKernels.current == nil
    && processorFlags().isSuperset(of: ["amx_tile", "amx_bf16"]) && request_tiles() && areAllowed

  private static var areAllowed: Bool {
    #if HAVE_ONEDNN
      onednn_may_use_tiles()
    #else
      true
    #endif
  }

  /// Runs a body that multiplies by tiles, and calls nothing else that may use them.
  @inline(__always)
  package static func using(_ body: () -> Void) {
    let previous = set_up_tiles()
    body()
    restore_tiles(previous)
  }

  /// c = a·b, or c += a·b, for sizes that are multiples of 32; inside `using`.
  package static func multiply(
    _ a: TileRows, _ b: TilePairs, into c: PackedRows<Float>, _ size: ProductSize,
    accumulate: Bool = false
  ) {
    multiply_tiles(
      a.pointer, a.stride, b.pointer, b.stride, c.pointer, c.stride, size.rows, size.columns,
      size.depth, accumulate)
  }
}

/// A left operand, row by row.
package struct TileRows {
  let pointer: UnsafePointer<BFloat16>
  /// From row to row.
  let stride: Int

  package init(pointer: UnsafePointer<BFloat16>, stride: Int) {
    self.pointer = pointer
    self.stride = stride
  }
}

/// A right operand: pairs of values that stand below each other, the upper one in the low half.
package struct TilePairs {
  let pointer: UnsafePointer<UInt32>
  /// From a row of pairs to the next.
  let stride: Int

  package init(pointer: UnsafePointer<UInt32>, stride: Int) {
    self.pointer = pointer
    self.stride = stride
  }
}
