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

  static let variable = "DDP_TRAIN_KERNELS"

  /// The choice; nil if there is none, or none that `processorObstacle` allows.
  public static let current =
    ProcessInfo.processInfo.environment[variable].flatMap(ChosenKernels.init)

  var level: Int32 {
    switch self {
    case .v3: 3
    case .v4: 4
    }
  }
}

/// Why this program's kernels cannot run here, or are not those that were chosen, and what to do;
/// nil if they can and are.
public func processorObstacle() -> String? {
  if let name = processor_missing_instructions().map({ String(cString: $0) }) {
    return "this processor lacks \(name), which this program was built for; build it with "
      + "DDP_TRAIN_MARCH=x86-64-v3, or, with the Python package, set DDP_TRAIN_KERNELS=v3"
  }
  let text = ProcessInfo.processInfo.environment[ChosenKernels.variable] ?? ""
  guard !text.isEmpty else { return nil }
  guard let chosen = ChosenKernels(rawValue: text) else {
    return "DDP_TRAIN_KERNELS is \"\(text)\"; it must be v3 or v4"
  }
  guard chosen.level == processor_kernel_level() else {
    return "DDP_TRAIN_KERNELS asks for \(text), and this program was built for another level; "
      + "build it with DDP_TRAIN_MARCH=x86-64-\(text), or use the Python package, which has both"
  }
  return nil
}
