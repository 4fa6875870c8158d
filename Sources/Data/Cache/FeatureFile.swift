import Foundation
import Memory

// The layout of a feature file, all numbers little-endian:
//   8 words of 64 bits: magic, rows, columns, the two hashes of the key, zeros
//   the values, row after row, filled up with zeros to a whole word
//   one word: the hash of all words before it

/// What the features of rows depend on.
public struct FeatureKey: Hashable, Sendable {
  /// A hash of the encoder: its weights, and how it makes one vector of a row.
  public let encoder: UInt64
  /// A hash of the rows' tokens.
  public let tokens: UInt64

  /// The key of `rows` as an encoder sees them.
  public init(encoder: UInt64, rows: StoredRows) {
    self.encoder = encoder
    tokens = rows.tokenFingerprint
  }

  fileprivate var fileName: String {
    let parts = [encoder, tokens].map { hash in
      let digits = String(hash, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }
    return parts.joined(separator: "-") + ".features"
  }
}

/// Features in a mapped file, whose checksum is right.
public struct FeatureFile {
  /// `[rows, columns]`
  public let values: Matrix<Float>
  /// The hash of all that is in the file.
  public let checksum: UInt64

  private static let magic: UInt64 = 0x3154_4145_4644_4444  // "DDDFEAT1"
  private static let headerWords = 8

  /// The file of a key in a cache's directory.
  public static func path(_ key: FeatureKey, in directory: String) -> String {
    "\(directory)/\(key.fileName)"
  }

  /// Maps the features of a key; nil where there are none of this shape, or where the file is damaged.
  public init?(_ key: FeatureKey, rows: Int, columns: Int, in directory: String) {
    guard let file = try? MappedFile(path: Self.path(key, in: directory)) else { return nil }
    let count = Self.wordCount(rows, columns)
    guard file.byteCount == 8 * (count + 1) else { return nil }
    let words = file.vector(at: 0, count: count + 1, of: UInt64.self)
    guard words[0..<Self.headerWords].array == Self.header(key, rows, columns),
      words[0..<count].withSpan({ Fingerprint.hash($0) }) == words[count]
    else { return nil }
    checksum = words[count]
    values = file.vector(at: 8 * Self.headerWords, count: rows * columns, of: Float.self)
      .matrix(rows, columns)
  }

  /// Writes the features of a key. The file appears under its name only when it is whole and on the
  /// disk. Throws `FileError`.
  public static func write(
    _ values: Matrix<Float>, _ key: FeatureKey, in directory: String
  ) throws {
    let path = path(key, in: directory)
    let temporary = "\(path).\(UUID().uuidString).tmp"
    defer { unlink(temporary) }
    let output = try OutputFile(path: temporary)
    try output.write(Vector(header(key, values.rows, values.columns)))
    try output.write(values.vector)
    if !values.vector.count.isMultiple(of: 2) { try output.write([UInt8](repeating: 0, count: 4)) }
    try output.close()
    let words = try MappedFile(path: temporary)
      .vector(at: 0, count: wordCount(values.rows, values.columns), of: UInt64.self)
    let end = try OutputFile(path: temporary, appending: true)
    try end.write(Vector([words.withSpan { Fingerprint.hash($0) }]))
    try end.synchronize()
    try end.close()
    guard rename(temporary, path) == 0 else {
      throw FileError(path: path, operation: "replace", code: errno)
    }
    try synchronizeDirectory(directory)
  }

  /// Words before the checksum.
  private static func wordCount(_ rows: Int, _ columns: Int) -> Int {
    headerWords + (rows * columns + 1) / 2
  }

  private static func header(_ key: FeatureKey, _ rows: Int, _ columns: Int) -> [UInt64] {
    [magic, UInt64(rows), UInt64(columns), key.encoder, key.tokens, 0, 0, 0]
  }
}

extension StoredRows {
  /// A number that changes with any token of the rows, but for chance.
  public var tokenFingerprint: UInt64 {
    var state = Fingerprint.mix(Fingerprint.start, UInt64(tokens.count))
    tokens.withSpan { span in
      for index in span.indices {
        state = Fingerprint.mix(state, UInt64(UInt32(bitPattern: span[index])))
      }
    }
    offsets.withSpan { span in
      for index in span.indices { state = Fingerprint.mix(state, UInt64(bitPattern: span[index])) }
    }
    return state
  }
}

/// A hash of weights and of a text that says what is done with them.
public func encoderFingerprint(_ weights: Vector<Float>, _ description: String) -> UInt64 {
  var state = Fingerprint.hash(description)
  weights.withSpan { span in
    for index in span.indices { state = Fingerprint.mix(state, UInt64(span[index].bitPattern)) }
  }
  return state
}
