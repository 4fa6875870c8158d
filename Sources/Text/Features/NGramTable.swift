// Numbering n-grams by their bytes: exact, because a hash alone would take two n-grams for one
// where millions are counted on many ranks, and the names are needed anyway.

/// Distinct byte strings, numbered in the order of their first appearance: open addressing with
/// linear probing, at most three quarters full. Bytes are compared only where 32 bits of hash
/// agree.
struct NGramTable: Sendable {
  /// The names, end to end.
  private(set) var bytes: [UInt8] = []
  /// Where each name ends in `bytes`.
  private var ends: [Int] = []
  /// 0 where free, else the hash's upper half above 1 + the number of a name.
  private var slots = [UInt64](repeating: 0, count: 16)

  /// The number of names.
  var count: Int { ends.count }

  /// Where a name stands in `bytes`.
  @inline(__always)
  func range(_ index: Int) -> Range<Int> {
    (index == 0 ? 0 : ends[index - 1])..<ends[index]
  }

  /// Makes room for names, to save growing.
  mutating func reserve(count: Int, byteCount: Int) {
    bytes.reserveCapacity(byteCount)
    ends.reserveCapacity(count)
    var size = slots.count
    while 4 * count > 3 * size { size *= 2 }
    if size > slots.count { rehash(size) }
  }

  /// The number of the name `text[range]`.
  @inline(__always)
  func index(of text: Span<UInt8>, _ range: Range<Int>) -> Int? {
    let value = slots[slot(Self.hash(text, range), text, range)]
    return value == 0 ? nil : Int(value & 0xFFFF_FFFF) - 1
  }

  /// The number of the name `text[range]`, known or new; a new one has the number `count` had.
  @inline(__always)
  mutating func intern(_ text: Span<UInt8>, _ range: Range<Int>) -> Int {
    let hash = Self.hash(text, range)
    let slot = slot(hash, text, range)
    if slots[slot] != 0 { return Int(slots[slot] & 0xFFFF_FFFF) - 1 }
    return append(text, range, hash: hash, slot: slot)
  }

  private mutating func append(
    _ text: Span<UInt8>, _ range: Range<Int>, hash: UInt64, slot: Int
  ) -> Int {
    precondition(count < Int(Int32.max), "more than \(Int32.max) n-grams")
    for position in range { bytes.append(text[position]) }
    ends.append(bytes.count)
    slots[slot] = Self.tag(hash) | UInt64(count)
    if 4 * count > 3 * slots.count { rehash(2 * slots.count) }
    return count - 1
  }

  private mutating func rehash(_ size: Int) {
    slots = []
    slots = [UInt64](repeating: 0, count: size)
    for index in 0..<count {
      let hash = Self.hash(bytes.span, range(index))
      var slot = firstSlot(hash)
      while slots[slot] != 0 { slot = (slot + 1) & (size - 1) }
      slots[slot] = Self.tag(hash) | UInt64(index + 1)
    }
  }

  /// FNV-1a, 64 bits, stirred so that each half depends on all bytes.
  @inline(__always)
  private static func hash(_ text: Span<UInt8>, _ range: Range<Int>) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for position in range { hash = (hash ^ UInt64(text[position])) &* 0x100_0000_01B3 }
    hash = (hash ^ hash >> 32) &* 0xD6E8_FEB8_6659_FD93
    return hash ^ hash >> 32
  }

  @inline(__always)
  private static func tag(_ hash: UInt64) -> UInt64 { hash & 0xFFFF_FFFF_0000_0000 }

  @inline(__always)
  private func firstSlot(_ hash: UInt64) -> Int {
    Int(truncatingIfNeeded: hash & 0xFFFF_FFFF) & (slots.count - 1)
  }

  /// The slot that holds the name, or the free one where it belongs.
  @inline(__always)
  private func slot(_ hash: UInt64, _ text: Span<UInt8>, _ range: Range<Int>) -> Int {
    var slot = firstSlot(hash)
    while slots[slot] != 0 {
      let value = slots[slot]
      if Self.tag(value) == Self.tag(hash),
        matches(Int(value & 0xFFFF_FFFF) - 1, text, range)
      {
        return slot
      }
      slot = (slot + 1) & (slots.count - 1)
    }
    return slot
  }

  @inline(__always)
  private func matches(_ index: Int, _ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
    let name = self.range(index)
    guard name.count == range.count else { return false }
    for offset in 0..<name.count
    where bytes[name.lowerBound + offset] != text[range.lowerBound + offset] {
      return false
    }
    return true
  }
}
