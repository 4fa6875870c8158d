/// A set of characters, as `[^\s\p{L}]` writes one.
struct ScalarSet: Equatable, Sendable {
  private var kinds: ScalarKind = []
  private var ranges: [ClosedRange<UInt32>] = []
  /// Sets that are part of this one, such as `\S`.
  private var parts: [ScalarSet] = []
  private var exclusions: [ClosedRange<UInt32>] = []
  private var isNegated = false
  /// Which of the first 128 characters are in the set.
  private var lowASCII: UInt64 = 0
  private var highASCII: UInt64 = 0

  /// The characters of some kinds, and of ranges.
  init(_ kinds: ScalarKind = [], ranges: [ClosedRange<UInt32>] = []) {
    (self.kinds, self.ranges) = (kinds, ranges)
    fillASCII()
  }

  /// All characters of any of the sets.
  init(anyOf parts: [ScalarSet]) {
    self.parts = parts
    fillASCII()
  }

  /// `\w` as Oniguruma has it: without the joiners, with six numbers of Latin-1.
  static let word: ScalarSet = {
    var set = ScalarSet(.word, ranges: [0xB2...0xB3, 0xB9...0xB9, 0xBC...0xBE])
    set.exclusions = [0x200C...0x200D]
    set.fillASCII()
    return set
  }()

  /// `.`: all but the line feed.
  static let dot = ScalarSet(ranges: [0x0A...0x0A]).complement

  /// All other characters.
  var complement: ScalarSet {
    var set = self
    set.isNegated.toggle()
    set.fillASCII()
    return set
  }

  /// With the other case of its ASCII letters; nil where it holds anything else that has a case.
  var ignoringCase: ScalarSet? {
    guard kinds.isEmpty, parts.allSatisfy({ $0.ignoringCase != nil }) else { return nil }
    var folded: [ClosedRange<UInt32>] = []
    for scalar in ranges.joined() {
      guard let letter = Unicode.Scalar(scalar) else { return nil }
      if scalar >= 0x80, letter.properties.isCased { return nil }
      if 0x41...0x5A ~= scalar & 0x5F { folded.append(scalar ^ 0x20...scalar ^ 0x20) }
      // The long s and the sign of the kelvin have the lower case of ASCII letters.
      if scalar & 0x5F == 0x53 { folded.append(0x17F...0x17F) }
      if scalar & 0x5F == 0x4B { folded.append(0x212A...0x212A) }
    }
    var set = self
    set.ranges += folded
    set.parts = parts.compactMap(\.ignoringCase)
    set.fillASCII()
    return set
  }

  /// Whether the set holds a character.
  @inline(__always)
  func contains(_ scalar: UInt32) -> Bool {
    if scalar < 64 { return lowASCII >> UInt64(scalar) & 1 != 0 }
    if scalar < 128 { return highASCII >> UInt64(scalar - 64) & 1 != 0 }
    return holds(scalar, ScalarKind.table.of(scalar))
  }

  private func holds(_ scalar: UInt32, _ kind: ScalarKind) -> Bool {
    var isIn =
      !kinds.isDisjoint(with: kind) || ranges.contains { $0.contains(scalar) }
      || parts.contains { $0.holds(scalar, kind) }
    if isIn, !exclusions.isEmpty { isIn = !exclusions.contains { $0.contains(scalar) } }
    return isIn != isNegated
  }

  private mutating func fillASCII() {
    (lowASCII, highASCII) = (0, 0)
    for scalar in UInt32(0)..<64 {
      if holds(scalar, ScalarKind.table.of(scalar)) { lowASCII |= 1 << UInt64(scalar) }
      if holds(scalar + 64, ScalarKind.table.of(scalar + 64)) { highASCII |= 1 << UInt64(scalar) }
    }
  }
}
