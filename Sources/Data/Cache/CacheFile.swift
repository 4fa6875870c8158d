import Memory

// The layout of a cache file, all numbers little-endian:
//   8 words of 64 bits: magic, version, number of sections, zeros
//   the byte count of each section, a word each, and zeros up to a multiple of 64 bytes
//   the sections, each filled up with zeros to a multiple of 64 bytes
//   one word: the hash of all words before it

/// A section of the cache file, in file order.
enum CacheSection: Int, CaseIterable {
  case key
  case tokens
  case offsets
  case labelIndices
  case labelOffsets
  case idBytes
  case idOffsets
  case nameBytes
  case nameOffsets
}

/// A cache file, mapped, whose checksum and sizes are right.
struct CacheFile {
  static let magic: UInt64 = 0x3153_574F_5250_4444  // "DDPROWS1"
  static let version: UInt64 = 1
  static let alignment = 64
  private let file: MappedFile
  private let ranges: [Range<Int>]

  /// Why a file cannot be used.
  struct Rejection: Error {
    let reason: String
  }

  /// Maps and checks the file. Throws `FileError` or `Rejection`.
  init(path: String) throws {
    file = try MappedFile(path: path)
    let wordCount = file.byteCount / 8
    guard wordCount > 8, file.byteCount % 8 == 0 else { throw Rejection(reason: "it is cut off") }
    let words = file.vector(at: 0, count: wordCount, of: UInt64.self)
    guard words[0] == Self.magic else { throw Rejection(reason: "it is no cache of this program") }
    guard words[1] == Self.version, words[2] == UInt64(CacheSection.allCases.count) else {
      throw Rejection(reason: "another version of the program wrote it")
    }
    guard words[0..<(wordCount - 1)].withSpan({ Fingerprint.hash($0) }) == words[wordCount - 1]
    else { throw Rejection(reason: "its checksum is wrong") }
    let sizes = words[8..<(8 + CacheSection.allCases.count)].array
    ranges = try Self.layOut(sizes, byteCount: file.byteCount - 8)
    guard isConsistent else { throw Rejection(reason: "its sections do not agree") }
  }

  /// The words before the sections, for sections of these sizes.
  static func header(sizes: [Int]) -> [UInt64] {
    let words = [magic, version, UInt64(sizes.count)] + [UInt64](repeating: 0, count: 5)
    let all = words + sizes.map { UInt64($0) }
    return all + [UInt64](repeating: 0, count: padding(8 * all.count) / 8)
  }

  /// Bytes from `size` to the next multiple of the alignment.
  static func padding(_ size: Int) -> Int { (alignment - size % alignment) % alignment }

  /// The values of a section.
  func section<Element: BitwiseCopyable>(_ section: CacheSection) -> Vector<Element> {
    let range = ranges[section.rawValue]
    return file.vector(
      at: range.lowerBound, count: range.count / MemoryLayout<Element>.stride, of: Element.self)
  }

  private static func layOut(_ sizes: [UInt64], byteCount: Int) throws -> [Range<Int>] {
    var start = 8 * header(sizes: Array(repeating: 0, count: sizes.count)).count
    var ranges: [Range<Int>] = []
    for size in sizes {
      guard size <= UInt64(byteCount), Int(size) <= byteCount - start else {
        throw Rejection(reason: "it is cut off")
      }
      ranges.append(start..<(start + Int(size)))
      start += Int(size) + padding(Int(size))
    }
    guard start == byteCount else { throw Rejection(reason: "its sections do not fill it") }
    return ranges
  }

  /// Whether every list of offsets begins at 0 and ends at its values' count.
  private var isConsistent: Bool {
    func count(_ part: CacheSection, _ size: Int) -> Int { ranges[part.rawValue].count / size }
    func fits(_ offsets: CacheSection, _ valueCount: Int) -> Bool {
      let values: Vector<Int64> = section(offsets)
      return values.count > 0 && values[0] == 0 && values[values.count - 1] == Int64(valueCount)
    }
    let rows = count(.offsets, 8)
    return fits(.offsets, count(.tokens, 4)) && fits(.labelOffsets, count(.labelIndices, 4))
      && fits(.idOffsets, count(.idBytes, 1)) && fits(.nameOffsets, count(.nameBytes, 1))
      && count(.labelOffsets, 8) == rows && count(.idOffsets, 8) == rows
  }
}
