/// A message of Protocol Buffers in its wire format
/// (https://protobuf.dev/programming-guides/encoding/), as far as event files need it. Fields are
/// written in the order of the calls.
struct ProtobufMessage {
  private(set) var bytes: [UInt8] = []

  /// An empty message.
  init() {}

  /// How a field's value is written.
  private enum WireType: UInt64 {
    case varint = 0
    case fixed64 = 1
    case lengthDelimited = 2
    case fixed32 = 5
  }

  /// An int32, int64, bool or enumeration that is not negative.
  mutating func set(_ field: Int, _ value: Int) {
    key(field, .varint)
    varint(UInt64(value))
  }

  mutating func set(_ field: Int, _ value: Double) {
    key(field, .fixed64)
    fixed(value.bitPattern)
  }

  mutating func set(_ field: Int, _ value: Float) {
    key(field, .fixed32)
    fixed(value.bitPattern)
  }

  mutating func set(_ field: Int, _ value: String) { set(field, Array(value.utf8)) }

  mutating func set(_ field: Int, _ message: ProtobufMessage) { set(field, message.bytes) }

  mutating func set(_ field: Int, _ value: [UInt8]) {
    key(field, .lengthDelimited)
    varint(UInt64(value.count))
    bytes += value
  }

  /// A packed repeated double.
  mutating func set(_ field: Int, _ values: [Double]) {
    var packed = ProtobufMessage()
    for value in values { packed.fixed(value.bitPattern) }
    set(field, packed.bytes)
  }

  private mutating func key(_ field: Int, _ type: WireType) {
    varint(UInt64(field) << 3 | type.rawValue)
  }

  private mutating func varint(_ value: UInt64) {
    var rest = value
    while rest > 0x7F {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  private mutating func fixed(_ bits: some FixedWidthInteger) {
    for shift in stride(from: 0, to: bits.bitWidth, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: bits >> shift))
    }
  }
}

extension ProtobufMessage {
  /// A message whose fields `fill` sets.
  init(_ fill: (inout ProtobufMessage) -> Void) {
    self.init()
    fill(&self)
  }
}
