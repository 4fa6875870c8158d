// What the kernels run on.

import Foundation

/// The widest vectors that the processor has.
public func vectorUnit() -> String {
  #if arch(x86_64)
    let flags =
      (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?
      .split(separator: "\n").first { $0.hasPrefix("flags") } ?? ""
    let names = Set(flags.split(separator: " ").map(String.init))
    if names.contains("avx512f") {
      return names.contains("avx512_bf16") ? "AVX-512 with bf16" : "AVX-512"
    }
    return names.contains("avx2") && names.contains("fma") ? "AVX2 with FMA" : "no AVX2"
  #else
    return "NEON"
  #endif
}

/// Cores that this process may run on.
public func allowedCores() -> Int {
  let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)
  let line = status?.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed_list:") }
  let ranges = line?.split(separator: ":").last?.split(separator: ",") ?? []
  let counts = ranges.map { range in
    let ends = range.split(separator: "-").compactMap {
      Int($0.trimmingCharacters(in: .whitespaces))
    }
    return (ends.last ?? 0) - (ends.first ?? 0) + 1
  }
  return counts.isEmpty ? ProcessInfo.processInfo.activeProcessorCount : counts.reduce(0, +)
}
