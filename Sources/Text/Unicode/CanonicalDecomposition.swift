// Canonical decomposition (NFD) of single characters, as of Unicode 9.0. The order of combining
// marks is the normalizer's work.

import Foundation

/// Full canonical decompositions.
enum CanonicalDecomposition {
  /// Whether `scalar`, not a Hangul syllable, is changed by canonical decomposition.
  static func mayDecompose(_ scalar: UInt32) -> Bool { mappings[scalar] != nil }

  /// Calls `body` with each scalar of the canonical decomposition of a scalar that has one.
  @inline(__always)
  static func forEachScalar(of scalar: UInt32, _ body: (UInt32) -> Void) {
    if 0xAC00...0xD7A3 ~= scalar {
      // The Unicode Standard, section 3.12: 21 vowels and 27 optional finals for each lead.
      let index = scalar - 0xAC00
      body(0x1100 + index / 588)
      body(0x1161 + index % 588 / 28)
      if index % 28 != 0 { body(0x11A7 + index % 28) }
      return
    }
    for part in mappings[scalar] ?? [scalar] { body(part) }
  }

  /// The blocks in which Unicode 9.0 has canonical decompositions.
  private static let ranges: [ClosedRange<UInt32>] = [
    0xC0...0x233, 0x340...0x6D3, 0x929...0x1026, 0x1B06...0x1B43, 0x1E00...0x232A,
    0x2ADC...0x2ADC, 0x304C...0x30FE, 0xF900...0xFB4E, 0x1109A...0x115BB, 0x1D15E...0x1D1C0,
    0x2F800...0x2FA1D,
  ]

  private static let mappings: [UInt32: [UInt32]] = {
    var mappings: [UInt32: [UInt32]] = [:]
    for scalar in ranges.joined().lazy.compactMap(Unicode.Scalar.init) {
      guard let age = scalar.properties.age, age <= (9, 0) else { continue }
      let decomposed = String(Character(scalar)).decomposedStringWithCanonicalMapping
      let parts = decomposed.unicodeScalars.map(\.value)
      if parts != [scalar.value] { mappings[scalar.value] = parts }
    }
    return mappings
  }()
}
