// Owners of memory. What is here: the one place that takes memory from the system and gives it
// back. What is not: shapes (see Vector.swift, Matrix.swift) and files (MappedFile.swift).

import Foundation

/// Zero-filled memory, aligned to a cache line at least, given back when the last view of
/// it is gone.
///
/// Small pieces come from the allocator. Large ones are pages of their own, from an anonymous
/// mapping without reservation: asking for the worst case costs address space only, and resident
/// memory is what was touched.
public final class AlignedMemory {
  package let base: UnsafeMutableRawPointer
  /// Size in bytes.
  public let byteCount: Int

  private static let mappedFrom = 256 << 10
  private var isMapped: Bool { byteCount >= Self.mappedFrom }

  /// Takes `byteCount` bytes, all zero.
  public init(byteCount: Int) {
    self.byteCount = max(byteCount, 1)
    base = byteCount >= Self.mappedFrom ? Self.map(byteCount) : Self.allocate(max(byteCount, 1))
  }

  private static func map(_ size: Int) -> UnsafeMutableRawPointer {
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    guard let base = mmap(nil, size, PROT_READ | PROT_WRITE, flags, -1, 0), base != MAP_FAILED
    else { endOutOfMemory(size) }
    // Large pages save address-translation misses in the matrix products.
    if size >= 4 << 20 { madvise(base, size, MADV_HUGEPAGE) }
    return base
  }

  private static func allocate(_ size: Int) -> UnsafeMutableRawPointer {
    let base = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 64)
    memset(base, 0, size)
    return base
  }

  deinit {
    if isMapped { munmap(base, byteCount) } else { base.deallocate() }
  }
}

/// Ends the program with one line, as an error does, and exit code 71: nothing that is under way
/// can go on, and what was saved stays.
package func endOutOfMemory(_ size: Int) -> Never {
  let name = CommandLine.arguments.first?.split(separator: "/").last ?? "error"
  let megabytes = (size + 999_999) / 1_000_000
  let text = "\(name): error: out of memory: the system refused \(megabytes) MB more\n"
  FileHandle.standardError.write(Data(text.utf8))
  _exit(71)
}
