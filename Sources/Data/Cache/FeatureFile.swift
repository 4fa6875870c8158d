import Memory

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
    return parts.joined(separator: "-") + ".safetensors"
  }
}

/// Features in a mapped file, whose checksum is right.
public struct FeatureFile {
  /// `[rows, columns]`
  public let values: Matrix<Float>
  /// The hash of all that is in the file.
  public let checksum: UInt64

  private static let tensor = "features"

  /// Maps the features of a key; nil where there are none of this shape, or where the file is
  /// damaged.
  public init?(_ key: FeatureKey, rows: Int, columns: Int, in directory: String) {
    guard
      let file = try? CacheFile(
        path: "\(directory)/\(key.fileName)", key: Self.text(key, rows, columns)),
      let values = try? file.elements(Self.tensor, of: Float.self), values.count == rows * columns
    else { return nil }
    self.values = values.matrix(rows, columns)
    checksum = file.checksum
  }

  /// Writes the features of a key. Throws `FileError`.
  public static func write(
    _ values: Matrix<Float>, _ key: FeatureKey, in directory: String
  ) throws {
    let tensor = CacheTensor(tensor, values.vector, shape: [values.rows, values.columns])
    try CacheFile.write(
      [tensor], key: text(key, values.rows, values.columns), to: "\(directory)/\(key.fileName)")
  }

  private static func text(_ key: FeatureKey, _ rows: Int, _ columns: Int) -> String {
    "\(key.encoder) \(key.tokens) \(rows) \(columns)"
  }
}

/// A hash of weights and of a text that says what is done with them.
public func encoderFingerprint(_ weights: Vector<Float>, _ description: String) -> UInt64 {
  Fingerprint.mix(Fingerprint.hash(description), weights.fingerprint)
}
