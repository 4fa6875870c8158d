// The four normalization forms, and what a combining mark is, as of Unicode 9.0: the tables of the
// library `tokenizers`. Characters that are younger stay as they are.

import Foundation

/// The Unicode Standard, section 3.11: decompose, order marks, compose.
enum UnicodeNormalization {
  /// Brings characters into a normalization form.
  static func apply(_ form: UnicodeForm, to scalars: inout [PlacedScalar]) {
    var result: [PlacedScalar] = []
    result.reserveCapacity(scalars.count)
    for placed in scalars {
      decompose(placed.scalar, compatibly: form.isCompatible) {
        result.append(PlacedScalar(scalar: $0, source: placed.source))
      }
    }
    orderMarks(&result)
    scalars = form.composes ? compose(result) : result
  }

  /// Whether the general category is M.
  static func isMark(_ scalar: UInt32) -> Bool {
    guard let properties = Unicode.Scalar(scalar)?.properties, let age = properties.age,
      age <= (9, 0)
    else { return false }
    if formerMarks.contains(scalar) { return true }
    switch properties.generalCategory {
    case .nonspacingMark, .spacingMark, .enclosingMark: return !laterMarks.contains(scalar)
    default: return false
    }
  }

  /// Marks of Unicode 9.0 that are none any more, and characters that became marks later.
  private static let formerMarks: Set<UInt32> = [0x1CF2, 0x1CF3]
  private static let laterMarks: Set<UInt32> = [0x1_11C9]

  private static func decompose(
    _ scalar: UInt32, compatibly: Bool, _ body: (UInt32) -> Void
  ) {
    if scalar < 0xA0 { return body(scalar) }
    if compatibly, let parts = compatibilityMappings[scalar] { return parts.forEach(body) }
    CanonicalDecomposition.forEachScalar(of: scalar, body)
  }

  /// 0 for those that begin something.
  private static func combiningClass(_ scalar: UInt32) -> UInt8 {
    guard scalar >= 0x300, CharacterClass.table.of(scalar).contains(.nonstarter) else { return 0 }
    return Unicode.Scalar(scalar)?.properties.canonicalCombiningClass.rawValue ?? 0
  }

  /// Sorts each run of marks by combining class, equal ones as they stand.
  private static func orderMarks(_ scalars: inout [PlacedScalar]) {
    var start = 0
    while start < scalars.count {
      guard combiningClass(scalars[start].scalar) != 0 else {
        start += 1
        continue
      }
      let end =
        scalars[start...].firstIndex { combiningClass($0.scalar) == 0 } ?? scalars.count
      let ordered = scalars[start..<end].enumerated().sorted {
        (combiningClass($0.element.scalar), $0.offset)
          < (combiningClass($1.element.scalar), $1.offset)
      }
      // Places stay in order: what stands first came from what stood first.
      for (place, mark) in zip(start..<end, ordered.map(\.element.scalar)) {
        scalars[place].scalar = mark
      }
      start = end
    }
  }

  private static func compose(_ scalars: [PlacedScalar]) -> [PlacedScalar] {
    var result: [PlacedScalar] = []
    var starter: Int?
    /// The class of what stands between the starter and the next character; nil for nothing.
    var last: UInt8?
    for placed in scalars {
      let mark = combiningClass(placed.scalar)
      if let starter, last.map({ $0 < mark }) ?? true,
        let composite = composite(result[starter].scalar, placed.scalar)
      {
        result[starter].scalar = composite
        continue
      }
      if mark == 0 { (starter, last) = (result.count, nil) } else { last = mark }
      result.append(placed)
    }
    return result
  }

  private static func composite(_ first: UInt32, _ second: UInt32) -> UInt32? {
    if 0x1100..<0x1113 ~= first, 0x1161..<0x1176 ~= second {
      return 0xAC00 + ((first - 0x1100) * 21 + second - 0x1161) * 28
    }
    if 0xAC00...0xD7A3 ~= first, (first - 0xAC00) % 28 == 0, 0x11A8..<0x11C3 ~= second {
      return first + second - 0x11A7
    }
    return composites[UInt64(first) << 32 | UInt64(second)]
  }

  /// Full compatibility decompositions of what has one that is not canonical.
  private static let compatibilityMappings: [UInt32: [UInt32]] = {
    var mappings: [UInt32: [UInt32]] = [:]
    for scalar in known {
      let parts = String(Character(scalar)).decomposedStringWithCompatibilityMapping
        .unicodeScalars.map(\.value)
      if parts != [scalar.value] { mappings[scalar.value] = parts }
    }
    return mappings
  }()

  /// Pairs that compose, and what they give.
  private static let composites: [UInt64: UInt32] = {
    var composites: [UInt64: UInt32] = [:]
    for scalar in known where CanonicalDecomposition.mayDecompose(scalar.value) {
      let text = String(Character(scalar))
      let parts = Array(text.decomposedStringWithCanonicalMapping.unicodeScalars)
      guard parts.count > 1, let last = parts.last,
        Array(text.precomposedStringWithCanonicalMapping.unicodeScalars) == [scalar]
      else { continue }
      var rest = String.UnicodeScalarView()
      rest.append(contentsOf: parts.dropLast())
      let first = Array(String(rest).precomposedStringWithCanonicalMapping.unicodeScalars)
      guard first.count == 1 else { continue }
      composites[UInt64(first[0].value) << 32 | UInt64(last.value)] = scalar.value
    }
    return composites
  }()

  /// The characters of Unicode 9.0 that may decompose; Hangul syllables do so by rule.
  private static var known: some Sequence<Unicode.Scalar> {
    [
      0xA0...0x33FF, 0xA69C...0xABFF, 0xF900...0xFFFF, 0x1_1000...0x1_1FFF, 0x1_D100...0x1_F2FF,
      0x2_F800...0x2_FA1F,
    ].joined().lazy.compactMap { Unicode.Scalar(UInt32($0)) }
      .filter { $0.properties.age.map { $0 <= (9, 0) } ?? false }
  }
}
