// Asking for memory before it is needed, if the processor can't foresee it: lines far apart.

import CVector

/// Asks for the cache lines of some values that will be read soon. The address need not be one
/// of the program's.
@inline(__always)
func prefetch<Value>(_ values: UnsafePointer<Value>, count: Int) {
  let cacheLine = 64 / MemoryLayout<Value>.stride
  for offset in stride(from: 0, to: count, by: cacheLine) { prefetch_line(values + offset) }
}

/// Likewise of values that will be written.
@inline(__always)
func prefetchToWrite<Value>(_ values: UnsafePointer<Value>, count: Int) {
  let cacheLine = 64 / MemoryLayout<Value>.stride
  for offset in stride(from: 0, to: count, by: cacheLine) {
    prefetch_line_to_write(values + offset)
  }
}
