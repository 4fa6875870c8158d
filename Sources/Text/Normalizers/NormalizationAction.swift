// What single normalizers do.

/// A normalizer, ready to run.
enum NormalizationAction: Sendable {
  case bert(TextNormalizer)
  case form(UnicodeForm)
  case stripAccents
  case lowercase
  case nmt
  case precompiled(PrecompiledCharsmap)
  case strip(left: Bool, right: Bool)
  case replace(TextPattern, [UInt8])
  case prepend([UInt8])
  case byteLevel

  init(_ step: NormalizationStep) {
    switch step {
    case .bert(let clean): self = .bert(TextNormalizer(clean))
    case .form(let form): self = .form(form)
    case .stripAccents: self = .stripAccents
    case .lowercase: self = .lowercase
    case .nmt: self = .nmt
    case .precompiled(let map): self = .precompiled(map)
    case .strip(let left, let right): self = .strip(left: left, right: right)
    case .replace(let pattern, let content):
      self = .replace(.text(Array(pattern.utf8)), Array(content.utf8))
    case .replaceMatches(let pattern, let content):
      self = .replace(pattern, Array(content.utf8))
    case .prepend(let content): self = .prepend(Array(content.utf8))
    case .byteLevel: self = .byteLevel
    }
  }

  /// Whether a text certainly stays as it is.
  func isIdle(_ text: SourcedText) -> Bool {
    switch self {
    case .form, .stripAccents: text.isASCII
    case .strip(let left, let right):
      text.withoutSpace(left: left, right: right).count == text.count
    default: text.count == 0
    }
  }

  /// Writes what becomes of a text.
  func write(_ text: SourcedText, to output: inout SourcedText) {
    switch self {
    case .bert(let normalizer): normalizer.write(text, to: &output)
    case .form(let form):
      text.changeStretches(&output, needsNeighbors: true, ascii: ASCIITable.same) {
        UnicodeNormalization.apply(form, to: &$0)
      }
    case .stripAccents:
      text.changeStretches(&output, needsNeighbors: false, ascii: ASCIITable.same) {
        $0.removeAll { UnicodeNormalization.isMark($0.scalar) }
      }
    case .lowercase:
      text.changeStretches(&output, needsNeighbors: false, ascii: ASCIITable.lowercase) {
        $0 = $0.flatMap(Lowercase.lowercased)
      }
    case .nmt:
      text.changeStretches(&output, needsNeighbors: false, ascii: ASCIITable.nmt) {
        $0 = $0.compactMap(NMTNormalizer.normalized)
      }
    case .precompiled(let map): map.write(text, to: &output)
    case .strip(let left, let right):
      output.append(text, text.withoutSpace(left: left, right: right))
    case .replace(let pattern, let content): pattern.replace(in: text, by: content, to: &output)
    case .prepend(let content):
      output.append(content, source: text.source(0))
      output.append(text, 0..<text.count)
    case .byteLevel:
      for place in 0..<text.count {
        output.append(
          PlacedScalar(
            scalar: ByteAlphabet.scalars[Int(text.bytes[place])], source: text.source(place)))
      }
    }
  }
}

extension TextPattern {
  /// Writes `text` with `content` in place of each match.
  fileprivate func replace(in text: SourcedText, by content: [UInt8], to output: inout SourcedText)
  {
    var position = 0
    var stack: [PatternChoice] = []
    let bytes = text.bytes.span
    while let match = firstMatch(in: bytes, from: position, to: text.count, &stack) {
      output.append(text, position..<match.lowerBound)
      output.append(content, source: text.source(match.lowerBound))
      position = match.upperBound
    }
    output.append(text, position..<text.count)
  }
}

/// Lowercasing one character at a time, without a final sigma.
enum Lowercase {
  static func lowercased(_ placed: PlacedScalar) -> [PlacedScalar] {
    guard CharacterClass.table.of(placed.scalar).contains(.uppercase),
      let letter = Unicode.Scalar(placed.scalar)
    else { return [placed] }
    return letter.properties.lowercaseMapping.unicodeScalars.map {
      PlacedScalar(scalar: $0.value, source: placed.source)
    }
  }
}

/// The normalizer `Nmt`: control characters go, other separators become spaces.
enum NMTNormalizer {
  static func normalized(_ placed: PlacedScalar) -> PlacedScalar? {
    switch placed.scalar {
    case 0x8F, 0x9F: return nil
    case 0x1680, 0x200B...0x200F, 0x2028, 0x2029, 0x2581, 0xFEFF, 0xFFFD:
      return PlacedScalar(scalar: 0x20, source: placed.source)
    default:
      return placed
    }
  }
}

/// What becomes of each ASCII character.
private enum ASCIITable {
  static let same = (0..<128).map { UInt8($0) }
  static let lowercase = same.map { 0x41...0x5A ~= $0 ? $0 | 0x20 : $0 }
  static let nmt = same.map { byte -> UInt8 in
    switch byte {
    case 0x01...0x08, 0x0B, 0x0E...0x1F, 0x7F: SourcedText.removed
    case 0x09, 0x0A, 0x0C, 0x0D: 0x20
    default: byte
    }
  }
}
