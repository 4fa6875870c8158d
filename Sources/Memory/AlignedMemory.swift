// Owners of memory. What is here: the one place that maps and unmaps pages. What is not: shapes
// (see Vector.swift, Matrix.swift) and files (MappedFile.swift).

import Foundation

/// Zero-filled pages of the machine's memory, given back when the last view of them is gone.
///
/// The pages come from an anonymous mapping without reservation: asking for the worst case costs
/// address space only, and resident memory is what was touched.
public final class AlignedMemory {
  package let base: UnsafeMutableRawPointer
  /// Size in bytes.
  public let byteCount: Int

  /// Maps `byteCount` bytes, aligned to a page and zero.
  public init(byteCount: Int) {
    let size = max(byteCount, 1)
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    guard let base = mmap(nil, size, PROT_READ | PROT_WRITE, flags, -1, 0), base != MAP_FAILED
    else { fatalError("out of memory: the system refused \(size) bytes") }
    // Large pages save address-translation misses in the matrix products.
    if size >= 4 << 20 { madvise(base, size, MADV_HUGEPAGE) }
    self.base = base
    self.byteCount = size
  }

  deinit {
    munmap(base, byteCount)
  }

  /// Gives the pages back to the system; they read as zero afterwards.
  public func discard() {
    madvise(base, byteCount, MADV_DONTNEED)
  }
}
