import Memory

/// The texts of a dataset as hashes of their token ids, to find equal ones. Texts that the
/// tokenizer does not tell apart, or that differ only behind the length limit, count as equal.
public struct TextHashes {
  private let hashes: [UInt64]
  private let distinct: Set<UInt64>

  /// Hashes all rows.
  public init(_ dataset: Dataset) {
    hashes = dataset.stored.tokens.withSpan { tokens in
      (0..<dataset.rowCount).map { row in
        var hash = Fingerprint.start
        for index in dataset.tokenRange(row) {
          hash = Fingerprint.mix(hash, UInt64(UInt32(bitPattern: tokens[index])))
        }
        return hash
      }
    }
    distinct = Set(hashes)
  }

  /// Rows whose text an earlier row has.
  public var repeatedRowCount: Int { hashes.count - distinct.count }

  /// Rows whose text occurs in `other`.
  public func rowCount(sharedWith other: TextHashes) -> Int {
    hashes.count { other.distinct.contains($0) }
  }

  /// Rows whose text an earlier row of the dataset, the one that was hashed, has with other labels.
  public func contradictionCount(in dataset: Dataset) -> Int {
    guard repeatedRowCount > 0 else { return 0 }
    var firstRows: [UInt64: Int] = [:]
    return hashes.indices.count { row in
      guard let first = firstRows[hashes[row]] else {
        firstRows[hashes[row]] = row
        return false
      }
      return dataset.labelIndices(first) != dataset.labelIndices(row)
    }
  }
}
