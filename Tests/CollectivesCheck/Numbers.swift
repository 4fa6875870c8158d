// Numbers whose sum shows every change of the order of adding.

/// A well-mixed number for each `seed`.
func mixed(_ seed: UInt64) -> UInt64 {
  var state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 0x1234_5678_9ABC_DEF1
  state = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
  state = (state ^ state >> 27) &* 0x94D0_49BB_1331_11EB
  return state ^ state >> 31
}

/// A number of either sign whose magnitude lies anywhere in 2^-30 ... 2^30; one in 16 is zero and
/// one in 16 is subnormal.
func adversarial(_ seed: UInt64) -> Float {
  let bits = mixed(seed)
  let sign: UInt32 = bits & 1 == 0 ? 0 : 1 << 31
  let mantissa = UInt32(truncatingIfNeeded: bits >> 8) & 0x7F_FFFF
  switch bits >> 32 & 15 {
  case 0: return Float(bitPattern: sign)
  case 1: return Float(bitPattern: sign | mantissa)
  default:
    let exponent = 97 + UInt32(bits >> 40 & 0xFFFF) % 61
    return Float(bitPattern: sign | exponent << 23 | mantissa)
  }
}

/// FNV-1a over the bits of the values.
func hash(_ values: [Float]) -> String {
  var state: UInt64 = 0xCBF2_9CE4_8422_2325
  for value in values { state = (state ^ UInt64(value.bitPattern)) &* 0x100_0000_01B3 }
  return String(state, radix: 16)
}

/// The tree's definition, item by item: the sums of the residue classes modulo the number's largest
/// prime factor, one after another; each is the sum of such classes of its items.
func treeSum<Item>(_ items: [Item], _ add: (Item, Item) -> Item) -> Item {
  guard items.count > 1 else { return items[0] }
  let factor = (1...items.count).last { items.count.isMultiple(of: $0) && isPrime($0) } ?? 1
  let sums = (0..<factor).map { residue in
    treeSum(stride(from: residue, to: items.count, by: factor).map { items[$0] }, add)
  }
  return sums.dropFirst().reduce(sums[0], add)
}

private func isPrime(_ number: Int) -> Bool {
  number > 1 && (2..<number).allSatisfy { !number.isMultiple(of: $0) }
}
