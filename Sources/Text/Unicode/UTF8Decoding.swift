// Reading scalars from bytes that are UTF-8 in all likelihood.

/// The scalar that begins at `position`, which moves past it. Bytes that are not UTF-8 read as
/// U+FFFD, one byte at a time; nothing is read at or beyond `end`.
@inline(__always)
func decodeScalar(_ bytes: Span<UInt8>, at position: inout Int, end: Int) -> UInt32 {
  let first = UInt32(bytes[position])
  position += 1
  if first < 0x80 { return first }
  let count = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1
  guard first >= 0xC2, first <= 0xF4, position + count <= end else { return replacementCharacter }
  var value = first & (0x3F >> UInt32(count))
  for offset in 0..<count {
    let byte = UInt32(bytes[position + offset])
    guard byte & 0xC0 == 0x80 else { return replacementCharacter }
    value = value << 6 | byte & 0x3F
  }
  let smallest: UInt32 = count == 3 ? 0x10000 : count == 2 ? 0x800 : 0x80
  guard value >= smallest, value < 0x110000, value & 0x1FF800 != 0xD800 else {
    return replacementCharacter
  }
  position += count
  return value
}

/// The scalar that ends just before `position`, as `decodeScalar` reads it.
func decodeScalar(_ bytes: Span<UInt8>, before position: Int) -> (scalar: UInt32, start: Int) {
  var start = position - 1
  while start > 0, position - start < 4, bytes[start] & 0xC0 == 0x80 { start -= 1 }
  var next = start
  let scalar = decodeScalar(bytes, at: &next, end: position)
  return next == position ? (scalar, start) : (replacementCharacter, position - 1)
}

/// U+FFFD, which stands for what could not be read.
let replacementCharacter: UInt32 = 0xFFFD

extension [UInt8] {
  /// Appends the UTF-8 form of a scalar that is not a surrogate.
  @inline(__always)
  mutating func appendScalar(_ scalar: UInt32) {
    if scalar < 0x80 {
      append(UInt8(truncatingIfNeeded: scalar))
      return
    }
    if scalar < 0x800 {
      append(UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6))
    } else {
      if scalar < 0x10000 {
        append(UInt8(truncatingIfNeeded: 0xE0 | scalar >> 12))
      } else {
        append(UInt8(truncatingIfNeeded: 0xF0 | scalar >> 18))
        append(UInt8(truncatingIfNeeded: 0x80 | scalar >> 12 & 0x3F))
      }
      append(UInt8(truncatingIfNeeded: 0x80 | scalar >> 6 & 0x3F))
    }
    append(UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F))
  }
}
