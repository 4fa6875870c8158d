// The clean-up before WordPiece: Hugging Face's `BertNormalizer`. In this order: control
// characters go and white space becomes spaces; ideographs get spaces around them; accents go;
// letters become lowercase, one character at a time (no final sigma, İ gives i and a dot).

/// Turns text as written into text that is ready to be split into words.
struct TextNormalizer: Sendable {
  let cleansText: Bool
  let separatesIdeographs: Bool
  let stripsAccents: Bool
  let lowercases: Bool
  let classes: [CharacterClass]
  /// What becomes of each ASCII byte; `removed` for those that go.
  private let asciiMap: [UInt8]
  private static let removed: UInt8 = 0xFF
  /// Other normalizers that take the place of all that; nil for none.
  private let sequence: NormalizationSequence?

  init(_ options: BertClean, sequence: NormalizationSequence? = nil) {
    self.sequence = sequence
    cleansText = options.cleansText
    separatesIdeographs = options.separatesIdeographs
    stripsAccents = options.stripsAccents ?? options.lowercases
    lowercases = options.lowercases
    classes = CharacterClass.table
    asciiMap = (0..<128).map { (byte: UInt8) -> UInt8 in
      switch byte {
      case 9, 10, 13: return options.cleansText ? 0x20 : byte
      case 0..<32, 127: return options.cleansText ? Self.removed : byte
      case 0x41...0x5A: return options.lowercases ? byte + 0x20 : byte
      default: return byte
      }
    }
  }

  /// Whether parts of a text that meet at a space can be cleaned up by themselves.
  var splitsAtSpaces: Bool { sequence == nil }

  /// For each byte of the clean form where the scalar begins that it came from.
  func sources(_ text: Span<UInt8>, _ range: Range<Int>) -> [Int] {
    if let sequence {
      return sequence.normalize(text, from: range.lowerBound, to: range.upperBound).sources
    }
    // A scalar gives as many bytes by itself as among others: only the order of marks differs.
    var (position, scratch, sources) = (range.lowerBound, [UInt8](), [Int]())
    while position < range.upperBound {
      let start = position
      _ = decodeScalar(text, at: &position, end: range.upperBound)
      scratch.removeAll(keepingCapacity: true)
      normalize(text, from: start, to: position, into: &scratch)
      for _ in scratch { sources.append(start) }
    }
    return sources
  }

  /// Writes the clean form of a text.
  func write(_ text: SourcedText, to output: inout SourcedText) {
    let bytes = text.bytes.span
    var clean: [UInt8] = []
    normalize(bytes, from: 0, to: bytes.count, into: &clean)
    guard text.isTracked else { return output.append(clean, source: 0) }
    for (byte, place) in zip(clean, sources(bytes, 0..<bytes.count)) {
      output.append(byte, source: text.source(place))
    }
  }

  /// Appends the clean form of the bytes from `start` to `end` to `output`.
  func normalize(
    _ text: Span<UInt8>, from start: Int, to end: Int, into output: inout [UInt8]
  ) {
    if let sequence {
      output += sequence.normalize(text, from: start, to: end).bytes
      return
    }
    var position = start
    var nonstarters: [UInt32] = []
    while position < end {
      let byte = text[position]
      if byte < 0x80 {
        position += 1
        let mapped = asciiMap[Int(byte)]
        if mapped != Self.removed {
          if !nonstarters.isEmpty { flush(&nonstarters, into: &output) }
          output.append(mapped)
        }
      } else {
        let scalar = decodeScalar(text, at: &position, end: end)
        normalize(scalar, &nonstarters, into: &output)
      }
    }
    flush(&nonstarters, into: &output)
  }

  private func normalize(
    _ scalar: UInt32, _ nonstarters: inout [UInt32], into output: inout [UInt8]
  ) {
    let characterClass = classes.of(scalar)
    if cleansText {
      if characterClass.contains(.other) || scalar == replacementCharacter { return }
      if characterClass.contains(.whitespace) {
        flush(&nonstarters, into: &output)
        output.append(0x20)
        return
      }
    }
    let isSeparate = separatesIdeographs && characterClass.contains(.ideograph)
    if isSeparate {
      flush(&nonstarters, into: &output)
      output.append(0x20)
    }
    if !stripsAccents {
      appendLowercased(scalar, characterClass, into: &output)
    } else if characterClass.contains(.decomposable) {
      CanonicalDecomposition.forEachScalar(of: scalar) {
        appendWithoutAccents($0, classes.of($0), &nonstarters, into: &output)
      }
    } else {
      appendWithoutAccents(scalar, characterClass, &nonstarters, into: &output)
    }
    if isSeparate { output.append(0x20) }
  }

  private func appendWithoutAccents(
    _ scalar: UInt32, _ characterClass: CharacterClass, _ nonstarters: inout [UInt32],
    into output: inout [UInt8]
  ) {
    if characterClass.contains(.nonspacingMark) { return }
    if characterClass.contains(.nonstarter) {
      nonstarters.append(scalar)
      return
    }
    if !nonstarters.isEmpty { flush(&nonstarters, into: &output) }
    appendLowercased(scalar, characterClass, into: &output)
  }

  /// Writes the marks that were kept since the last starter in canonical order: by combining
  /// class, equal ones as written. That the removed marks took part in the same order changes
  /// nothing for the others.
  private func flush(_ nonstarters: inout [UInt32], into output: inout [UInt8]) {
    if nonstarters.isEmpty { return }
    let ordered = nonstarters.enumerated().sorted {
      (combiningClass($0.element), $0.offset) < (combiningClass($1.element), $1.offset)
    }
    for (_, scalar) in ordered { appendLowercased(scalar, classes.of(scalar), into: &output) }
    nonstarters.removeAll(keepingCapacity: true)
  }

  private func combiningClass(_ scalar: UInt32) -> UInt8 {
    Unicode.Scalar(scalar)?.properties.canonicalCombiningClass.rawValue ?? 0
  }

  @inline(__always)
  private func appendLowercased(
    _ scalar: UInt32, _ characterClass: CharacterClass, into output: inout [UInt8]
  ) {
    if lowercases, characterClass.contains(.uppercase), let letter = Unicode.Scalar(scalar) {
      output.append(contentsOf: letter.properties.lowercaseMapping.utf8)
    } else {
      output.appendScalar(scalar)
    }
  }
}
