import Kernels

/// AES's round as FIPS 197 defines it (section 5.1), on 16 bytes, column after column.
enum ScalarAES {
  /// The product in GF(2⁸) modulo x⁸ + x⁴ + x³ + x + 1.
  static func product(_ a: UInt8, _ b: UInt8) -> UInt8 {
    var (power, sum) = (a, UInt8(0))
    for bit in 0..<8 {
      if b >> bit & 1 == 1 { sum ^= power }
      power = power << 1 ^ (power & 0x80 == 0 ? 0 : 0x1B)
    }
    return sum
  }

  static let substitutes: [UInt8] = (UInt8.min...UInt8.max).map { value in
    let inverse = (UInt8.min...UInt8.max).first { product(value, $0) == 1 } ?? 0
    return (UInt8(0)..<8).reduce(0x63) { sum, bit in
      let parity = [0, 4, 5, 6, 7].reduce(UInt8(0)) { $0 ^ (inverse >> ((bit + $1) % 8) & 1) }
      return sum ^ parity << bit
    }
  }

  static func round(_ state: [UInt8], key: [UInt8], mixes: Bool) -> [UInt8] {
    let moved = (0..<16).map { substitutes[Int(state[($0 / 4 + $0 % 4) % 4 * 4 + $0 % 4])] }
    return (0..<16).map { place in
      func own(_ offset: Int) -> UInt8 { moved[place / 4 * 4 + (place + offset) % 4] }
      let mixed = product(2, own(0)) ^ product(3, own(1)) ^ own(2) ^ own(3)
      return (mixes ? mixed : own(0)) ^ key[place]
    }
  }
}

private func bytes<Word: FixedWidthInteger>(_ words: [Word]) -> [UInt8] {
  words.flatMap { word in
    (0..<Word.bitWidth / 8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }
  }
}

/// The 8 words of a counter, as Salmon and others have them (2011, section 3.1).
/// - Parameter key: its low and its high half.
func scalarARS(
  _ counter: [UInt32], key: (low: UInt64, high: UInt64), rounds: UInt64 = 7
) -> [UInt16] {
  func roundKey(_ round: UInt64) -> [UInt8] {
    bytes([
      key.low &+ round &* 0x9E37_79B9_7F4A_7C15, key.high &+ round &* 0xBB67_AE85_84CA_A73B,
    ])
  }
  var state = zip(bytes(counter), roundKey(0)).map { $0 ^ $1 }
  for round in 1...rounds {
    state = ScalarAES.round(state, key: roundKey(round), mixes: round < rounds)
  }
  return (0..<8).map { UInt16(state[2 * $0]) | UInt16(state[2 * $0 + 1]) << 8 }
}

/// What dropout multiplies some values by: those that begin with the value `first` of a sequence of
/// the row `key`, of which each counter gives 8.
func scalarMask(_ dropout: Dropout, key: UInt32, first: Int, count: Int) -> [Double] {
  let counters = first / 8..<(first + count + 7) / 8
  let words = counters.flatMap {
    scalarARS([UInt32($0), key, dropout.place, dropout.step], key: (dropout.seed, 0))
  }
  return words[first % 8..<first % 8 + count].map {
    $0 < dropout.threshold ? 0 : Double(dropout.scale)
  }
}

/// What dropout multiplies the values of one line by: `line` of the row with `key`. A line takes
/// whole blocks of 128 values.
func scalarMask(_ dropout: Dropout, key: UInt32, line: Int, count: Int) -> [Double] {
  scalarMask(dropout, key: key, first: (count + 127) / 128 * 128 * line, count: count)
}

/// What dropout multiplies a query's attention to each of the row's tokens by. A query takes whole
/// vectors of 16 values, a head whole blocks of 128.
func scalarAttentionMask(
  _ dropout: Dropout, key: UInt32, head: Int, query: Int, tokens: Int
) -> [Double] {
  let line = (tokens + 15) / 16 * 16
  let ofHead = (tokens * line + 127) / 128 * 128
  return scalarMask(dropout, key: key, first: head * ofHead + query * line, count: tokens)
}

/// The masks of all tokens of a batch: `[T, columns]`.
func scalarMasks(_ dropout: Dropout?, _ rows: RaggedRows, columns: Int) -> [Double] {
  (0..<rows.count).flatMap { row in
    (0..<rows.offsets[row + 1] - rows.offsets[row]).flatMap { line in
      dropout.map { scalarMask($0, key: rows.keys[row], line: line, count: columns) }
        ?? Array(repeating: 1, count: columns)
    }
  }
}
