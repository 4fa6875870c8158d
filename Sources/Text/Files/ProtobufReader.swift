// Reading the wire format of Protocol Buffers, as far as SentencePiece's models use it.

/// A message that is not well formed.
struct ProtobufError: Error {}

/// The fields of one message, in order.
struct ProtobufReader {
  /// What a field holds.
  enum Value {
    case number(UInt64)
    /// The bytes of a 32-bit or 64-bit number, little-endian.
    case fixed(UInt64)
    /// A string, bytes or an embedded message.
    case bytes(ArraySlice<UInt8>)
  }

  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  /// The next field; nil at the end. Throws `ProtobufError`.
  mutating func next() throws(ProtobufError) -> (field: Int, value: Value)? {
    if rest.isEmpty { return nil }
    let key = try number()
    guard key >> 3 > 0, let field = Int(exactly: key >> 3) else { throw ProtobufError() }
    switch key & 7 {
    case 0: return (field, .number(try number()))
    case 1: return (field, .fixed(try fixed(8)))
    case 5: return (field, .fixed(try fixed(4)))
    case 2:
      guard let count = Int(exactly: try number()), count <= rest.count else {
        throw ProtobufError()
      }
      defer { rest = rest.dropFirst(count) }
      return (field, .bytes(rest.prefix(count)))
    default: throw ProtobufError()
    }
  }

  private mutating func number() throws(ProtobufError) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      guard let byte = rest.popFirst() else { throw ProtobufError() }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw ProtobufError()
  }

  private mutating func fixed(_ count: Int) throws(ProtobufError) -> UInt64 {
    guard rest.count >= count else { throw ProtobufError() }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
