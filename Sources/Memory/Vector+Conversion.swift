// Numbers of files turned into Float. The bytes may begin at any address: a tensor in a file is
// aligned to nothing.

/// How a floating-point number lies in a file, little-endian.
public enum FloatFormat: Sendable {
  /// IEEE 754 binary16: 5 bits of exponent, 10 of fraction.
  case float16
  /// The upper half of a binary32: 8 bits of exponent, 7 of fraction.
  case bfloat16
  /// IEEE 754 binary32.
  case float32
  /// IEEE 754 binary64, rounded to the nearest Float.
  case float64

  /// Bytes of one number.
  public var byteCount: Int {
    switch self {
    case .float16, .bfloat16: 2
    case .float32: 4
    case .float64: 8
    }
  }
}

extension Vector where Element == Float {
  /// Sets all values from the numbers in `bytes`, of which there must be as many. Every float16 and
  /// bfloat16 is a Float exactly, subnormals and infinities included; NaN stays NaN.
  public func copy(from bytes: Vector<UInt8>, format: FloatFormat) {
    precondition(
      bytes.count == count * format.byteCount, "\(bytes.count) bytes are not \(count) \(format)s")
    let source = UnsafeRawPointer(bytes.pointer)
    switch format {
    case .float32:
      UnsafeMutableRawPointer(pointer).copyMemory(from: source, byteCount: bytes.count)
    case .float16:
      for index in 0..<count {
        let bits = source.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)
        pointer[index] = float(halfBits: UInt32(bits))
      }
    case .bfloat16:
      for index in 0..<count {
        let bits = source.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)
        pointer[index] = Float(bitPattern: UInt32(bits) << 16)
      }
    case .float64:
      for index in 0..<count {
        pointer[index] = Float(source.loadUnaligned(fromByteOffset: 8 * index, as: Double.self))
      }
    }
  }
}

/// The value of a binary16, by integer steps that the compiler turns into vector code (a conversion
/// of Float16 becomes a call if the processor's instruction is not asked for).
@inline(__always)
private func float(halfBits bits: UInt32) -> Float {
  let sign = (bits & 0x8000) << 16
  let exponent = bits & 0x7C00
  let shifted = (bits & 0x7FFF) << 13
  // The exponent's bias is 15 in a half and 127 in a Float; infinity and NaN have all its bits set.
  let normal = shifted + (exponent == 0x7C00 ? (255 - 31) << 23 : (127 - 15) << 23)
  // A subnormal m · 2^-24 is (1 + m · 2^-10) · 2^-14 − 2^-14, both of which are normal Floats.
  let smallest = Float(bitPattern: 113 << 23)
  let subnormal = (Float(bitPattern: shifted | 113 << 23) - smallest).bitPattern
  return Float(bitPattern: sign | (exponent == 0 ? subnormal : normal))
}

extension Vector {
  /// The same memory seen as bytes.
  public var bytes: Vector<UInt8> {
    let byteCount = count * MemoryLayout<Element>.stride
    return Vector<UInt8>(
      owner: owner, pointer: UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: UInt8.self),
      count: byteCount)
  }

  /// Sets all values from their bytes, as `bytes` gave them, which may begin at any address.
  public func copy(fromBytes bytes: Vector<UInt8>) {
    let byteCount = count * MemoryLayout<Element>.stride
    precondition(bytes.count == byteCount, "\(bytes.count) bytes for \(byteCount)")
    UnsafeMutableRawPointer(pointer).copyMemory(from: bytes.pointer, byteCount: byteCount)
  }
}
