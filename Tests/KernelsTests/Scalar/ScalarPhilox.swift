import Kernels

/// Philox4x32-10 on one counter, word by word as the paper has it.
func scalarPhilox(_ counter: [UInt32], key: [UInt32]) -> [UInt32] {
  var (c0, c1, c2, c3) = (counter[0], counter[1], counter[2], counter[3])
  var (k0, k1) = (key[0], key[1])
  for _ in 0..<10 {
    let first = UInt64(0xD251_1F53) * UInt64(c0)
    let second = UInt64(0xCD9E_8D57) * UInt64(c2)
    c0 = UInt32(second >> 32) ^ c1 ^ k0
    c1 = UInt32(truncatingIfNeeded: second)
    c2 = UInt32(first >> 32) ^ c3 ^ k1
    c3 = UInt32(truncatingIfNeeded: first)
    k0 &+= 0x9E37_79B9
    k1 &+= 0xBB67_AE85
  }
  return [c0, c1, c2, c3]
}

/// What dropout multiplies the values of one line by: `line` of the row with `key`.
///
/// A line takes whole blocks of 128 values. A block is 16 counters of 4 words; in each word's 16
/// counters the low halves come first, then the high halves.
func scalarMask(_ dropout: Dropout, key: UInt32, line: Int, count: Int) -> [Double] {
  let seed = [UInt32(truncatingIfNeeded: dropout.seed), UInt32(dropout.seed >> 32)]
  let blocks = (count + 127) / 128
  return (0..<count).map { index in
    let (block, place) = (line * blocks + index / 128, index % 128)
    let (word, half, lane) = (place / 32, place / 16 % 2, place % 16)
    let words = scalarPhilox(
      [UInt32(block * 16 + lane), key, dropout.place, dropout.step], key: seed)
    let bits = half == 0 ? words[word] & 0xFFFF : words[word] >> 16
    return bits < dropout.threshold ? 0 : Double(dropout.scale)
  }
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
