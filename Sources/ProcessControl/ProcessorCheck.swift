// Whether the vector kernels can run on this processor: asked before any of them does.

import CProcessor
import Foundation

/// The vector kernels that `DDP_TRAIN_KERNELS` chooses by hand, the same for all ranks, so that
/// unlike machines can work together: the libraries of matrix products are kept to the same level
/// of instructions.
public enum ChosenKernels: String, CaseIterable, Sendable {
  /// AVX2 and FMA (x86-64-v3).
  case v3
  /// AVX-512 (x86-64-v4), without bf16 and matrix tiles.
  case v4

  /// The choice; nil if there is none.
  public static let current =
    ProcessInfo.processInfo.environment["DDP_TRAIN_KERNELS"].flatMap(ChosenKernels.init)
}

/// Ends the program with `status`, and one message that begins with its name, unless this processor
/// has the instructions of the kernels, and these are the ones that were chosen. To be called before
/// anything else.
public func requireKernelInstructions(_ program: String, status: Int32) {
  processor_require_kernels(program, status)
}
