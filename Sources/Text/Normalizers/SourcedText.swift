/// Text that is being changed, with the place in the original that each byte came from where that
/// is wanted.
struct SourcedText: Sendable {
  /// UTF-8.
  private(set) var bytes: [UInt8] = []
  /// For each byte where the scalar begins that it came from; empty unless `isTracked`.
  private(set) var sources: [Int] = []
  /// Whether the sources are kept.
  let isTracked: Bool

  init(isTracked: Bool) { self.isTracked = isTracked }

  var count: Int { bytes.count }

  /// Where a byte came from; 0 where that is not tracked.
  @inline(__always)
  func source(_ place: Int) -> Int { isTracked ? sources[place] : 0 }

  mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    sources.removeAll(keepingCapacity: true)
  }

  mutating func reserve(_ count: Int) { bytes.reserveCapacity(count) }

  @inline(__always)
  mutating func append(_ byte: UInt8, source: Int) {
    bytes.append(byte)
    if isTracked { sources.append(source) }
  }

  mutating func append(_ string: [UInt8], source: Int) {
    bytes.append(contentsOf: string)
    if isTracked { for _ in string { sources.append(source) } }
  }

  @inline(__always)
  mutating func append(_ placed: PlacedScalar) {
    bytes.appendScalar(placed.scalar)
    while isTracked && sources.count < bytes.count { sources.append(placed.source) }
  }

  /// Appends bytes of another text with their sources.
  mutating func append(_ other: SourcedText, _ range: Range<Int>) {
    bytes.append(contentsOf: other.bytes[range])
    if isTracked { sources.append(contentsOf: other.sources[range]) }
  }

  /// Appends bytes of the original. What is no UTF-8 becomes U+FFFD, a byte at a time.
  mutating func append(original text: Span<UInt8>, _ range: Range<Int>) {
    reserve(count + range.count)
    var position = range.lowerBound
    while position < range.upperBound {
      let source = position
      if text[position] < 0x80 {
        append(text[position], source: source)
        position += 1
      } else {
        let scalar = decodeScalar(text, at: &position, end: range.upperBound)
        append(PlacedScalar(scalar: scalar, source: source))
      }
    }
  }

  /// The scalars of some bytes.
  func scalars(_ range: Range<Int>) -> [PlacedScalar] {
    var scalars: [PlacedScalar] = []
    var position = range.lowerBound
    let text = bytes.span
    while position < range.upperBound {
      let source = source(position)
      let scalar = decodeScalar(text, at: &position, end: range.upperBound)
      scalars.append(PlacedScalar(scalar: scalar, source: source))
    }
    return scalars
  }

  /// Whether all bytes are ASCII.
  var isASCII: Bool {
    var all: UInt8 = 0
    for byte in bytes { all |= byte }
    return all < 0x80
  }
}

/// A character of a text, and the place of its first byte.
struct PlacedScalar: Equatable {
  var scalar: UInt32
  /// Of what it was made from.
  var source: Int
}
