// OpenBLAS chooses its kernels when it is loaded. A version that is older than the processor does
// not know it, and takes those of a processor of 2004, some seven times slower than it could be.

import COpenBLAS
import Foundation

/// `OPENBLAS_CORETYPE` as it should have been when OpenBLAS was loaded: the kernels that this
/// processor can run, if the library knows the processor too little to choose them itself. Empty
/// if the choice was right, or the user's, or if OpenBLAS multiplies nothing, unless a
/// program is `comparing` it.
public func processorKernelVariables(comparing: Bool = false) -> [String: String] {
  let variable = "OPENBLAS_CORETYPE"
  guard comparing || !usesOneDNNForFloat32, getenv(variable) == nil,
    let name = neglectedKernels(
      chosen: String(cString: openblas_get_corename()), processorFlags: processorFlags())
  else { return [:] }
  return [variable: name]
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
