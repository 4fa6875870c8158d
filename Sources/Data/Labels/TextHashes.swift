import Memory

/// The texts of a dataset as hashes, to find equal ones: of their token ids, where there are some.
/// Texts that the tokenizer does not tell apart, or that differ only behind the length limit, then
/// count as equal.
public struct TextHashes {
  private let hashes: [UInt64]
  private let distinct: Set<UInt64>

  /// Hashes all rows.
  public init(_ dataset: Dataset) {
    hashes = (0..<dataset.rowCount).map {
      dataset.stored.mix(dataset.storedRow($0), into: Fingerprint.start)
    }
    distinct = Set(hashes)
  }

  /// Number of rows.
  public var rowCount: Int { hashes.count }

  /// Rows whose text an earlier row has.
  public var repeatedRowCount: Int { hashes.count - distinct.count }

  /// Rows whose text occurs in `other`.
  public func rowCount(sharedWith other: TextHashes) -> Int {
    hashes.count { other.distinct.contains($0) }
  }

  /// Rows whose text an earlier row of the dataset, the one that was hashed, has with other labels.
  /// What is unknown of either row contradicts nothing.
  public func contradictionCount(in dataset: Dataset) -> Int {
    guard repeatedRowCount > 0 else { return 0 }
    var firstRows: [UInt64: Int] = [:]
    return hashes.indices.count { row in
      guard let first = firstRows[hashes[row]] else {
        firstRows[hashes[row]] = row
        return false
      }
      return dataset.contradict(first, row)
    }
  }
}

extension Dataset {
  /// Whether one row has a label that the other is known not to have.
  fileprivate func contradict(_ first: Int, _ second: Int) -> Bool {
    let (ofFirst, ofSecond) = (labelIndices(first), labelIndices(second))
    guard ofFirst != ofSecond else { return false }
    let differences = Set(ofFirst).symmetricDifference(ofSecond)
    return !differences.subtracting(unknownIndices(first) + unknownIndices(second)).isEmpty
  }
}
