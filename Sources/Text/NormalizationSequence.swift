// Normalizers one after the other, over characters that know where they came from. Token ids equal
// those of the library `tokenizers`.

/// A character of a text, and the place of its first byte.
struct PlacedScalar: Equatable {
  var scalar: UInt32
  /// Of what it was made from.
  var source: Int
}

/// Any normalizers; the plain `BertNormalizer` has a quicker way (`TextNormalizer`).
struct NormalizationSequence: Sendable {
  private let steps: [NormalizationStep]
  /// For each of the steps what it does if it is a `BertNormalizer`.
  private let cleaners: [TextNormalizer?]

  init(_ steps: [NormalizationStep]) {
    self.steps = steps
    cleaners = steps.map { step in
      guard case .bert(let clean) = step else { return nil }
      return TextNormalizer(clean)
    }
  }

  /// The normalized characters of the bytes from `start` to `end`.
  func normalize(_ text: Span<UInt8>, from start: Int, to end: Int) -> [PlacedScalar] {
    var scalars: [PlacedScalar] = []
    var position = start
    while position < end {
      let source = position
      scalars.append(
        PlacedScalar(scalar: decodeScalar(text, at: &position, end: end), source: source))
    }
    for (step, cleaner) in zip(steps, cleaners) { apply(step, cleaner, to: &scalars) }
    return scalars
  }

  private func apply(
    _ step: NormalizationStep, _ cleaner: TextNormalizer?, to scalars: inout [PlacedScalar]
  ) {
    switch step {
    case .bert: if let cleaner { scalars = cleaner.normalize(scalars) }
    case .lowercase: scalars = scalars.flatMap(lowercased)
    case .form(let form): UnicodeNormalization.apply(form, to: &scalars)
    case .stripAccents: scalars.removeAll { UnicodeNormalization.isMark($0.scalar) }
    case .strip(let left, let right):
      func isSpace(_ scalar: PlacedScalar) -> Bool {
        CharacterClass.table.of(scalar.scalar).contains(.whitespace)
      }
      if right { scalars.removeLast(scalars.reversed().prefix(while: isSpace).count) }
      if left { scalars.removeFirst(scalars.prefix(while: isSpace).count) }
    case .replace(let pattern, let content):
      scalars = replace(
        pattern.unicodeScalars.map(\.value), by: content.unicodeScalars.map(\.value), in: scalars)
    }
  }

  private func lowercased(_ placed: PlacedScalar) -> [PlacedScalar] {
    guard CharacterClass.table.of(placed.scalar).contains(.uppercase),
      let letter = Unicode.Scalar(placed.scalar)
    else { return [placed] }
    return letter.properties.lowercaseMapping.unicodeScalars.map {
      PlacedScalar(scalar: $0.value, source: placed.source)
    }
  }

  private func replace(
    _ pattern: [UInt32], by content: [UInt32], in scalars: [PlacedScalar]
  ) -> [PlacedScalar] {
    var result: [PlacedScalar] = []
    var place = 0
    while place < scalars.count {
      let end = place + pattern.count
      if end <= scalars.count, scalars[place..<end].lazy.map(\.scalar).elementsEqual(pattern) {
        let source = scalars[place].source
        result += content.map { PlacedScalar(scalar: $0, source: source) }
        place = end
      } else {
        result.append(scalars[place])
        place += 1
      }
    }
    return result
  }
}

extension TextNormalizer {
  /// As for bytes. What comes of a character is where that stood; marks that change places keep
  /// theirs.
  fileprivate func normalize(_ scalars: [PlacedScalar]) -> [PlacedScalar] {
    var bytes: [UInt8] = []
    for placed in scalars { bytes.appendScalar(placed.scalar) }
    var (clean, sources) = ([UInt8](), [Int]())
    normalize(bytes.span, from: 0, to: bytes.count, into: &clean)
    var scratch: [UInt8] = []
    for placed in scalars {
      (bytes, scratch) = ([], [])
      bytes.appendScalar(placed.scalar)
      normalize(bytes.span, from: 0, to: bytes.count, into: &scratch)
      // A scalar gives as many bytes by itself as among others: only the order of marks differs.
      for _ in scratch { sources.append(placed.source) }
    }
    var result: [PlacedScalar] = []
    var position = 0
    while position < clean.count {
      let start = position
      let scalar = decodeScalar(clean.span, at: &position, end: clean.count)
      result.append(PlacedScalar(scalar: scalar, source: sources[start]))
    }
    return result
  }
}
