// In what precision matrix products read their operands, and whether this build and this processor
// can do it.

import ProcessControl

#if HAVE_ONEDNN
  import COneDNN
#endif

/// In what precision matrix products read their operands. Sums are single precision, and so are
/// results but for those that other products read.
public enum ProductPrecision: Sendable {
  /// Single precision, by oneDNN or OpenBLAS.
  case float32
  /// bfloat16, by matrix tiles, if there are any, else by oneDNN.
  case bfloat16

  /// Why products cannot be computed so here, and what to do; nil if they can.
  public var obstacle: String? {
    self == .float32 ? nil : bfloat16Obstacle()
  }
}

/// What computes attention's products in a precision of bfloat16: the processor's matrix tiles,
/// if it has them and the system lets this process use them, else vectors in single precision.
public func bfloat16AttentionUnit() -> String {
  AMX.areAvailable ? "matrix tiles" : "vectors"
}

/// What computes a layer's products in a precision of bfloat16: matrix tiles, as long as a product
/// keeps to one thread, else oneDNN; nil if the program was built without.
public func bfloat16ProductUnit() -> String? {
  bfloat16ProductLibrary().map { AMXProduct.isAvailable ? "matrix tiles" : $0 }
}

/// The library of bfloat16 products with its version; nil if the program was built without.
public func bfloat16ProductLibrary() -> String? {
  #if HAVE_ONEDNN
    "oneDNN \(String(cString: onednn_version()))"
  #else
    nil
  #endif
}

/// What oneDNN uses of the processor; "none" if the program was built without.
public func oneDNNInstructionSet() -> String {
  #if HAVE_ONEDNN
    "0x" + String(onednn_instruction_set(), radix: 16)
  #else
    "none"
  #endif
}

private func bfloat16Obstacle() -> String? {
  #if HAVE_ONEDNN
    guard hasBFloat16Instructions() else {
      return "this processor has no bfloat16 products (avx512_bf16 or amx_bf16; on Arm bf16), or "
        + "DDP_TRAIN_KERNELS leaves them out, so they would be slower than single precision: "
        + "use \"fp32\""
    }
    let status = tryProduct()
    return status == 0
      ? nil
      : "oneDNN \(String(cString: onednn_version())) refuses bfloat16 products (status \(status)): "
        + "install a newer one, or use \"fp32\""
  #else
    "the program was built without oneDNN: install it (on Debian: apt-get install libdnnl-dev) and "
      + "build again, or use \"fp32\""
  #endif
}

/// Whether the processor multiplies bfloat16 numbers by an instruction.
private func hasBFloat16Instructions() -> Bool {
  // The levels that DDP_TRAIN_KERNELS names are without.
  guard ChosenKernels.current == nil else { return false }
  #if os(Linux)
    return !processorFlags().isDisjoint(with: ["avx512_bf16", "amx_bf16", "bf16"])
  #else
    return true
  #endif
}

#if HAVE_ONEDNN
  /// The status of a product of one element.
  private func tryProduct() -> Int32 {
    var sum: Float = 0
    return [BFloat16(1).bitPattern].withUnsafeBufferPointer { one in
      let operand = onednn_operand(values: one.baseAddress, stride: 1, transposed: false)
      return onednn_product(operand, operand, &sum, 1, 1, 1, 1, false)
    }
  }
#endif
