import Memory

/// A tensor's number format, as safetensors names it. Formats of less than a byte are not known.
public enum ElementType: String, Sendable {
  /// One byte, 0 or 1.
  case bool = "BOOL"
  /// Unsigned, 8 bits.
  case uint8 = "U8"
  /// Signed, 8 bits.
  case int8 = "I8"
  /// Floating point, 8 bits, 4 of exponent.
  case float8E4M3 = "F8_E4M3"
  /// Floating point, 8 bits, 5 of exponent.
  case float8E5M2 = "F8_E5M2"
  /// A power of two, 8 bits.
  case float8E8M0 = "F8_E8M0"
  /// Unsigned, 16 bits.
  case uint16 = "U16"
  /// Signed, 16 bits.
  case int16 = "I16"
  /// IEEE 754 binary16.
  case float16 = "F16"
  /// The upper half of a binary32.
  case bfloat16 = "BF16"
  /// Unsigned, 32 bits.
  case uint32 = "U32"
  /// Signed, 32 bits.
  case int32 = "I32"
  /// IEEE 754 binary32.
  case float32 = "F32"
  /// Unsigned, 64 bits.
  case uint64 = "U64"
  /// Signed, 64 bits.
  case int64 = "I64"
  /// IEEE 754 binary64.
  case float64 = "F64"
  /// Two binary32, real and imaginary.
  case complex64 = "C64"

  /// Bytes of one element.
  public var byteCount: Int {
    switch self {
    case .bool, .uint8, .int8, .float8E4M3, .float8E5M2, .float8E8M0: 1
    case .uint16, .int16, .float16, .bfloat16: 2
    case .uint32, .int32, .float32: 4
    case .uint64, .int64, .float64, .complex64: 8
    }
  }

  /// The format from which Float is made; nil if the elements are not real numbers in floating
  /// point of at least 16 bits.
  public var floatFormat: FloatFormat? {
    switch self {
    case .float16: .float16
    case .bfloat16: .bfloat16
    case .float32: .float32
    case .float64: .float64
    default: nil
    }
  }
}

/// An element that a safetensors file stores bit for bit.
public protocol StoredElement: BitwiseCopyable, Sendable {
  /// The format's name in the file.
  static var elementType: ElementType { get }
}

extension UInt8: StoredElement {
  /// U8.
  public static var elementType: ElementType { .uint8 }
}
extension Int32: StoredElement {
  /// I32.
  public static var elementType: ElementType { .int32 }
}
extension UInt32: StoredElement {
  /// U32.
  public static var elementType: ElementType { .uint32 }
}
extension Int64: StoredElement {
  /// I64.
  public static var elementType: ElementType { .int64 }
}
extension UInt64: StoredElement {
  /// U64.
  public static var elementType: ElementType { .uint64 }
}
extension Float: StoredElement {
  /// F32.
  public static var elementType: ElementType { .float32 }
}
extension Double: StoredElement {
  /// F64.
  public static var elementType: ElementType { .float64 }
}
