/// A map from 64-bit keys to numbers from 0 on: open addressing with linear probing, at most half
/// full.
struct IntegerTable: Sendable {
  private struct Slot {
    var key: UInt64 = 0
    /// −1 if free.
    var value: Int32 = -1
  }

  private var slots = [Slot](repeating: Slot(), count: 16)
  private var shift = 60
  /// The number of keys.
  private(set) var count = 0

  /// Makes room for keys, to save growing.
  mutating func reserve(_ count: Int) {
    var bits = 64 - shift
    while 1 << bits < 2 * count { bits += 1 }
    if 1 << bits > slots.count { rehash(bits: bits) }
  }

  /// The value of a key; −1 if it has none.
  @inline(__always)
  func value(_ key: UInt64) -> Int32 {
    var place = first(key)
    while true {
      let slot = slots[place]
      if slot.value < 0 || slot.key == key { return slot.value }
      place = (place + 1) & (slots.count - 1)
    }
  }

  /// Sets the value, at least 0, of a key.
  mutating func set(_ key: UInt64, _ value: Int32) {
    precondition(value >= 0, "values are numbers from 0 on")
    if 2 * (count + 1) > slots.count { rehash(bits: 64 - shift + 1) }
    var place = first(key)
    while slots[place].value >= 0 && slots[place].key != key {
      place = (place + 1) & (slots.count - 1)
    }
    if slots[place].value < 0 { count += 1 }
    slots[place] = Slot(key: key, value: value)
  }

  @inline(__always)
  private func first(_ key: UInt64) -> Int {
    // Fibonacci hashing (Knuth, The Art of Computer Programming, volume 3, section 6.4).
    Int(truncatingIfNeeded: ((key ^ key >> 32) &* 0x9E37_79B9_7F4A_7C15) >> UInt64(shift))
  }

  private mutating func rehash(bits: Int) {
    let old = slots
    slots = [Slot](repeating: Slot(), count: 1 << bits)
    shift = 64 - bits
    for slot in old where slot.value >= 0 {
      var place = first(slot.key)
      while slots[place].value >= 0 { place = (place + 1) & (slots.count - 1) }
      slots[place] = slot
    }
  }
}
