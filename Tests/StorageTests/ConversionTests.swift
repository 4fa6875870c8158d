import Memory
import Testing

private func converted(_ patterns: Range<Int>, _ format: FloatFormat) -> [Float] {
  // One byte in front makes every load unaligned.
  var bytes: [UInt8] = [0]
  for pattern in patterns { bytes += [UInt8(pattern & 255), UInt8(pattern >> 8)] }
  let values = Vector<Float>(zeros: patterns.count)
  values.copy(from: Vector(bytes)[1..<bytes.count], format: format)
  return values.array
}

/// The value by the definition in IEEE 754.
private func half(_ bits: Int) -> Float {
  let sign: Float = bits & 0x8000 == 0 ? 1 : -1
  let exponent = bits >> 10 & 31
  let fraction = Float(bits & 1023)
  switch exponent {
  case 31: return fraction == 0 ? sign * .infinity : .nan
  case 0: return sign * fraction * Float(sign: .plus, exponent: -24, significand: 1)
  default:
    return sign * (1024 + fraction) * Float(sign: .plus, exponent: exponent - 25, significand: 1)
  }
}

@Test func everyFloat16IsExact() {
  for (bits, value) in converted(0..<65536, .float16).enumerated() {
    let expected = half(bits)
    if expected.isNaN {
      #expect(value.isNaN)
    } else if value.bitPattern != expected.bitPattern {
      Issue.record("\(bits): \(value), not \(expected)")
    }
  }
}

@Test func everyBFloat16IsExact() {
  for (bits, value) in converted(0..<65536, .bfloat16).enumerated()
  where value.bitPattern != UInt32(bits) << 16 {
    Issue.record("\(bits): \(value)")
  }
}

@Test func float64IsRoundedToNearest() {
  let doubles = [0.1, -1e300, 1e-46, .infinity, 16_777_217, -0.0]
  let values = Vector<Float>(zeros: doubles.count)
  values.copy(from: Vector(doubles).bytes, format: .float64)
  #expect(values.array == doubles.map { Float($0) })
}
