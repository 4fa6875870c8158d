import Memory

/// Distinct byte strings, numbered in the order of their first appearance.
///
/// Labels are compared by bytes: Swift's `String` would take two names for one where they are
/// canonically equivalent, which Python, whose models this program reads, does not.
struct NameTable: Equatable, Sendable {
  private(set) var names = RaggedArray<UInt8>()
  /// An open-addressing table of indices into `names`, -1 where free; a power of two in size.
  private var slots = [Int32](repeating: -1, count: 16)

  var count: Int { names.count }

  func index(of name: [UInt8]) -> Int32? {
    let index = slots[slot(of: name)]
    return index < 0 ? nil : index
  }

  /// The number of `name`, new or known.
  mutating func intern(_ name: [UInt8]) -> Int32 {
    let slot = slot(of: name)
    if slots[slot] >= 0 { return slots[slot] }
    let index = Int32(names.count)
    names.append(name)
    slots[slot] = index
    if 2 * names.count > slots.count { grow() }
    return index
  }

  /// The slot that holds `name`, or the free one where it belongs.
  private func slot(of name: [UInt8]) -> Int {
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: hash(name)) & mask
    while slots[slot] >= 0 {
      if isEqual(name, Int(slots[slot])) { break }
      slot = (slot + 1) & mask
    }
    return slot
  }

  private func isEqual(_ name: [UInt8], _ index: Int) -> Bool {
    let range = names.range(index)
    guard range.count == name.count else { return false }
    for i in 0..<name.count where names.values[range.lowerBound + i] != name[i] { return false }
    return true
  }

  private mutating func grow() {
    slots = [Int32](repeating: -1, count: 4 * slots.count)
    for index in 0..<names.count { slots[slot(of: names[index])] = Int32(index) }
  }

  private func hash(_ name: [UInt8]) -> UInt64 {
    var hash = Fingerprint.start
    for byte in name { hash = Fingerprint.mix(hash, UInt64(byte)) }
    return hash
  }
}
