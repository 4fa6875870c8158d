// What the kernels run on.

import Foundation
import ProcessControl

/// The widest vectors that the processor has, and what it multiplies matrices of bfloat16 with:
/// matrix tiles only if the program uses them, so that DNNL_MAX_CPU_ISA makes processors with
/// and without them alike. Where DDP_TRAIN_KERNELS chooses the kernels, what these use.
public func vectorUnit() -> String {
  switch ChosenKernels.current {
  case .v3: return "AVX2 with FMA"
  case .v4: return "AVX-512"
  case nil: break
  }
  #if arch(x86_64)
    let flags = processorFlags()
    if flags.contains("avx512f") {
      let products =
        (flags.contains("avx512_bf16") ? ["bf16"] : []) + (AMX.areAvailable ? ["AMX"] : [])
      return (["AVX-512"] + products).joined(separator: ", ")
    }
    return flags.isSuperset(of: ["avx2", "fma"]) ? "AVX2 with FMA" : "no AVX2"
  #else
    return "NEON"
  #endif
}

/// What the processor can do, in Linux's words: "avx2", "amx_bf16"; empty if the system
/// does not say.
func processorFlags() -> Set<Substring> {
  let lines = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
  let flags = lines.split(separator: "\n").first {
    $0.hasPrefix("flags") || $0.hasPrefix("Features")
  }
  return Set(flags?.split(separator: " ") ?? [])
}

/// Cores that this process may run on.
public func allowedCores() -> Int {
  let ranges = processStatus("Cpus_allowed_list")?.split(separator: ",") ?? []
  let counts = ranges.map { range in
    let ends = range.split(separator: "-").compactMap {
      Int($0.trimmingCharacters(in: .whitespaces))
    }
    return (ends.last ?? 0) - (ends.first ?? 0) + 1
  }
  return counts.isEmpty ? ProcessInfo.processInfo.activeProcessorCount : counts.reduce(0, +)
}

/// The most memory that this process ever had resident, in bytes; 0 if the system does not say.
public func peakMemoryBytes() -> Int {
  let kibibytes = processStatus("VmHWM")?.split(separator: " ").first.flatMap { Int($0) }
  return (kibibytes ?? 0) << 10
}

/// The memory that this process has resident, in bytes; 0 if the system does not say.
public func residentMemoryBytes() -> Int {
  let kibibytes = processStatus("VmRSS")?.split(separator: " ").first.flatMap { Int($0) }
  return (kibibytes ?? 0) << 10
}

/// A line of what Linux says of this process.
private func processStatus(_ name: String) -> String? {
  let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)
  let line = status?.split(separator: "\n").first { $0.hasPrefix(name + ":") }
  return line?.split(separator: ":").last?.trimmingCharacters(in: .whitespaces)
}
