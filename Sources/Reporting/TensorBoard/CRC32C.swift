/// The cyclic redundancy check with Castagnoli's polynomial (RFC 3720, appendix B.4).
package enum CRC32C {
  /// The check of the bytes.
  package static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
    ~bytes.reduce(~0) { state, byte in
      table[Int(UInt8(truncatingIfNeeded: state) ^ byte)] ^ (state >> 8)
    }
  }

  /// The check as TFRecord files hold it: a check of bytes that hold their own check would be weak.
  package static func masked(_ bytes: some Sequence<UInt8>) -> UInt32 {
    let sum = checksum(bytes)
    return (sum >> 15 | sum << 17) &+ 0xA282_EAD8
  }

  /// The state after each byte.
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { state, _ in
      state & 1 == 0 ? state >> 1 : state >> 1 ^ 0x82F6_3B78
    }
  }
}
