// OpenBLAS chooses its kernels when it is loaded. A version that is older than the processor does
// not know it, and takes those of a processor of 2004, some seven times slower than it could be.

import COpenBLAS
import Foundation
import ProcessControl

/// What the libraries of matrix products should have found in the environment when they were
/// loaded. Where the kernels were chosen by hand, that is the level that keeps to them. Else it is
/// `OPENBLAS_CORETYPE` with the kernels that this processor can run, if OpenBLAS knows the
/// processor too little to choose them itself. Empty if the choice was right, or the user's,
/// or if OpenBLAS multiplies nothing, unless a program is `comparing` it.
public func processorKernelVariables(comparing: Bool = false) -> [String: String] {
  if let chosen = ChosenKernels.current {
    return libraryLevels(of: chosen).filter { getenv($0.key) == nil }
  }
  let variable = "OPENBLAS_CORETYPE"
  guard comparing || !usesOneDNNForFloat32, getenv(variable) == nil,
    let name = neglectedKernels(
      chosen: String(cString: openblas_get_corename()), processorFlags: processorFlags())
  else { return [:] }
  return [variable: name]
}

/// The variables that keep oneDNN and OpenBLAS to the instructions of a level, so that they
/// compute the same on every processor that has these.
public func libraryLevels(of kernels: ChosenKernels) -> [String: String] {
  switch kernels {
  case .v3: ["DNNL_MAX_CPU_ISA": "AVX2", "OPENBLAS_CORETYPE": "Haswell"]
  case .v4: ["DNNL_MAX_CPU_ISA": "AVX512_CORE", "OPENBLAS_CORETYPE": "SkylakeX"]
  }
}

/// The `OPENBLAS_CORETYPE` of the kernels for a processor with these flags (those of
/// /proc/cpuinfo), if OpenBLAS has chosen ones that are older than AVX2; nil if there
/// is nothing better.
public func neglectedKernels(chosen: String, processorFlags flags: Set<Substring>) -> String? {
  // All that use AVX2 or AVX-512. If OpenBLAS took one of them it knew the processor.
  let modern = ["haswell", "zen", "skylakex", "cooperlake", "sapphirerapids"]
  guard !modern.contains(chosen.lowercased()) else { return nil }
  if flags.isSuperset(of: ["avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl"]) {
    return "SkylakeX"
  }
  return flags.isSuperset(of: ["avx2", "fma"]) ? "Haswell" : nil
}
