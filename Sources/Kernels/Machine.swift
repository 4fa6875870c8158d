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
  let ranges = processStatus("Cpus_allowed_list")?.split(separator: ",") ?? []
  let counts = ranges.map { range in
    let ends = range.split(separator: "-").compactMap {
      Int($0.trimmingCharacters(in: .whitespaces))
    }
    return (ends.last ?? 0) - (ends.first ?? 0) + 1
  }
  return counts.isEmpty ? ProcessInfo.processInfo.activeProcessorCount : counts.reduce(0, +)
}

/// The most memory that this process ever had resident, in bytes; 0 where the system does not say.
public func peakMemoryBytes() -> Int {
  let kibibytes = processStatus("VmHWM")?.split(separator: " ").first.flatMap { Int($0) }
  return (kibibytes ?? 0) << 10
}

/// The memory that this process has resident, in bytes; 0 where the system does not say.
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
