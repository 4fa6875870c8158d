// Numbering n-grams and label names by their UTF-8 bytes. Swift's strings would take canonically
// equivalent ones for equal, which Python, whose models this program reads, does not; and no String
// must be made to look one up. A hash alone would take two n-grams for one among millions.

/// Distinct byte strings, numbered in the order of their first appearance: open addressing with
/// linear probing, at most three quarters full. Bytes are compared only if 32 bits of hash agree.
public struct ByteStringTable: Sendable {
  /// The strings, end to end.
  public private(set) var bytes: [UInt8] = []
  /// Where each string ends in `bytes`.
  public private(set) var ends: [Int] = []
  /// 0 if free, else the hash's upper half above 1 + the number of a string.
  private var slots = [UInt64](repeating: 0, count: 16)

  /// No strings.
  public init() {}

  /// The number of strings.
  public var count: Int { ends.count }

  /// Where a string stands in `bytes`.
  @inline(__always)
  func range(_ index: Int) -> Range<Int> {
    (index == 0 ? 0 : ends[index - 1])..<ends[index]
  }

  /// A string.
  public subscript(index: Int) -> [UInt8] { Array(bytes[range(index)]) }

  /// Makes room for strings, to save growing.
  mutating func reserve(count: Int, byteCount: Int) {
    bytes.reserveCapacity(byteCount)
    ends.reserveCapacity(count)
    var size = slots.count
    while 4 * count > 3 * size { size *= 2 }
    if size > slots.count { rehash(size) }
  }

  /// The number of the string; nil if it is not in the table.
  public func index(of string: [UInt8]) -> Int? { index(of: string.span, string.indices) }

  /// The number of the string, known or new; a new one has the number that `count` was.
  public mutating func intern(_ string: [UInt8]) -> Int { intern(string.span, string.indices) }

  /// The number of the string `text[range]`.
  @inline(__always)
  func index(of text: Span<UInt8>, _ range: Range<Int>) -> Int? {
    index(in: slot(Self.hash(text, range), text, range))
  }

  /// As `intern` of an array, for the string `text[range]`.
  @inline(__always)
  mutating func intern(_ text: Span<UInt8>, _ range: Range<Int>) -> Int {
    let hash = Self.hash(text, range)
    let slot = slot(hash, text, range)
    return index(in: slot) ?? append(text, range, hash: hash, slot: slot)
  }

  private mutating func append(
    _ text: Span<UInt8>, _ range: Range<Int>, hash: UInt64, slot: Int
  ) -> Int {
    precondition(count < Int(Int32.max), "more than \(Int32.max) strings")
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

  @inline(__always)
  private static func hash(_ text: Span<UInt8>, _ range: Range<Int>) -> UInt64 {
    var hash = FNV1a()
    for position in range { hash.mix(text[position]) }
    // Stirred so that each half depends on all bytes.
    let stirred = (hash.value ^ hash.value >> 32) &* 0xD6E8_FEB8_6659_FD93
    return stirred ^ stirred >> 32
  }

  @inline(__always)
  private static func tag(_ hash: UInt64) -> UInt64 { hash & 0xFFFF_FFFF_0000_0000 }

  @inline(__always)
  private func firstSlot(_ hash: UInt64) -> Int {
    Int(truncatingIfNeeded: hash & 0xFFFF_FFFF) & (slots.count - 1)
  }

  /// The number of the string in a slot; nil if the slot is free.
  @inline(__always)
  private func index(in slot: Int) -> Int? {
    slots[slot] == 0 ? nil : Int(slots[slot] & 0xFFFF_FFFF) - 1
  }

  /// The slot that holds the string, or the free one where it belongs.
  @inline(__always)
  private func slot(_ hash: UInt64, _ text: Span<UInt8>, _ range: Range<Int>) -> Int {
    var slot = firstSlot(hash)
    while slots[slot] != 0 {
      let value = slots[slot]
      if Self.tag(value) == Self.tag(hash), matches(Int(value & 0xFFFF_FFFF) - 1, text, range) {
        return slot
      }
      slot = (slot + 1) & (slots.count - 1)
    }
    return slot
  }

  @inline(__always)
  private func matches(_ index: Int, _ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
    let string = self.range(index)
    guard string.count == range.count else { return false }
    for offset in 0..<string.count
    where bytes[string.lowerBound + offset] != text[range.lowerBound + offset] {
      return false
    }
    return true
  }
}

extension ByteStringTable: Equatable {
  /// Whether both hold the same strings in the same order.
  public static func == (left: ByteStringTable, right: ByteStringTable) -> Bool {
    left.ends == right.ends && left.bytes == right.bytes
  }
}
