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
