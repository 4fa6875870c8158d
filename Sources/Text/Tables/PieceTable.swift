// Finding word pieces by their UTF-8 bytes, without making a String. With `ByteStringTable` the
// tokenizer is a tenth slower: here the hash of a prefix goes on to the next one, and all that a
// match needs lies together.

/// A fixed map from byte strings to token ids: open addressing with linear probing, at most half
/// full. A probe reads one 32-bit tag; bytes are compared only if the tag agrees.
struct PieceTable: Sendable {
  private struct Entry {
    var id: Int32
    var offset: Int32
    var length: Int32
  }

  /// 0 marks an empty slot; a tag in use has its lowest bit set.
  private var tags: [UInt32]
  private var entries: [Entry]
  private var bytes: [UInt8] = []
  private var longest = 0
  private let mask: Int

  /// A table of `pieces`. Of two with the same bytes the later one counts.
  init(_ pieces: [(bytes: ArraySlice<UInt8>, id: Int32)]) {
    var slots = 16
    while slots < pieces.count * 2 { slots *= 2 }
    mask = slots - 1
    tags = Array(repeating: 0, count: slots)
    entries = Array(repeating: Entry(id: 0, offset: 0, length: 0), count: slots)
    for piece in pieces where !piece.bytes.isEmpty { insert(Array(piece.bytes), piece.id) }
  }

  private mutating func insert(_ piece: [UInt8], _ id: Int32) {
    var state = FNV1a()
    state.mix(piece)
    let hash = state.value
    if let slot = slot(of: hash, piece.span, 0, piece.count) {
      entries[slot].id = id
      return
    }
    var slot = firstSlot(hash)
    while tags[slot] != 0 { slot = (slot + 1) & mask }
    tags[slot] = tag(hash)
    entries[slot] = Entry(id: id, offset: Int32(bytes.count), length: Int32(piece.count))
    bytes += piece
    longest = max(longest, piece.count)
  }

  /// The id of the piece that is exactly `text[start..<end]`.
  @inline(__always)
  func id(of text: Span<UInt8>, _ start: Int, _ end: Int) -> Int32? {
    if end - start > longest { return nil }
    var hash = FNV1a()
    for position in start..<end { hash.mix(text[position]) }
    guard let slot = slot(of: hash.value, text, start, end) else { return nil }
    return entries[slot].id
  }

  /// The longest piece that `text[start..<end]` begins with.
  func longestPrefix(of text: Span<UInt8>, _ start: Int, _ end: Int) -> (id: Int32, end: Int)? {
    var hash = FNV1a()
    var found: (id: Int32, end: Int)?
    for position in start..<min(end, start + longest) {
      hash.mix(text[position])
      if let slot = slot(of: hash.value, text, start, position + 1) {
        found = (entries[slot].id, position + 1)
      }
    }
    return found
  }

  @inline(__always)
  private func firstSlot(_ hash: UInt64) -> Int {
    Int(truncatingIfNeeded: hash ^ hash >> 29) & mask
  }

  @inline(__always)
  private func tag(_ hash: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: hash >> 32) | 1 }

  @inline(__always)
  private func slot(of hash: UInt64, _ text: Span<UInt8>, _ start: Int, _ end: Int) -> Int? {
    let wanted = tag(hash)
    var slot = firstSlot(hash)
    while tags[slot] != 0 {
      if tags[slot] == wanted, matches(entries[slot], text, start, end) { return slot }
      slot = (slot + 1) & mask
    }
    return nil
  }

  @inline(__always)
  private func matches(_ entry: Entry, _ text: Span<UInt8>, _ start: Int, _ end: Int) -> Bool {
    guard Int(entry.length) == end - start else { return false }
    let offset = Int(entry.offset)
    for index in 0..<end - start where bytes[offset + index] != text[start + index] {
      return false
    }
    return true
  }
}
