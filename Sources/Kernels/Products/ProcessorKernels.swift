// OpenBLAS chooses its kernels when it is loaded. A version that is older than the processor does not
// know it, and takes those of a processor of 2004, some seven times slower than it could be.

import COpenBLAS
import Foundation

/// Gives OpenBLAS the kernels that this processor can run, where it knows the processor too little to
/// choose them itself: sets `OPENBLAS_CORETYPE` and starts this program anew in its place, since the
/// library reads the variable only when it is loaded. Does nothing where the choice was right, or the
/// user's, or where OpenBLAS multiplies nothing, unless a program is `comparing` it. To be called first of all, before
/// threads and MPI.
public func restartWithProcessorKernels(comparing: Bool = false) {
  let variable = "OPENBLAS_CORETYPE"
  guard comparing || !usesOneDNNForFloat32, getenv(variable) == nil,
    let name = neglectedKernels(
      chosen: String(cString: openblas_get_corename()), processorFlags: processorFlags()),
    let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
  else { return }
  setenv(variable, name, 1)
  execv(program, CommandLine.unsafeArgv)
  // Where that failed the program goes on, slower; `ddp-train doctor` shows with what.
  unsetenv(variable)
}

/// The `OPENBLAS_CORETYPE` of the kernels for a processor with these flags (those of /proc/cpuinfo), where
/// OpenBLAS has chosen ones that are older than AVX2; nil where there is nothing better.
public func neglectedKernels(chosen: String, processorFlags flags: Set<Substring>) -> String? {
  // All that use AVX2 or AVX-512. Where OpenBLAS took one of them it knew the processor.
  let modern = ["haswell", "zen", "skylakex", "cooperlake", "sapphirerapids"]
  guard !modern.contains(chosen.lowercased()) else { return nil }
  if flags.isSuperset(of: ["avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl"]) {
    return "SkylakeX"
  }
  return flags.isSuperset(of: ["avx2", "fma"]) ? "Haswell" : nil
}
