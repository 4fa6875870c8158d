import Memory
import Text

/// The rows of a data file as flat vectors, in memory or in a mapped cache file: the same for every
/// reader. Rows have tokens, texts, or both.
public final class StoredRows {
  /// Token ids of each row; nil where rows are read by their texts alone.
  public let tokens: RaggedVector<Int32>?
  /// Each row's text as UTF-8; nil where it is not kept.
  public let texts: RaggedVector<UInt8>?
  /// Labels of each row, as indices into `labelNames`, ascending.
  public let labels: RaggedVector<Int32>
  /// The labels of which nobody knows whether a row has them, as `labels`; nil where all is known.
  public let unknownLabels: RaggedVector<Int32>?
  /// The names of the labels in this data, sorted as in `LabelSet`. A CSV column without a
  /// positive is among them.
  public let labelNames: LabelSet
  let ids: RaggedVector<UInt8>
  /// The lines of rows without a text, be they left out or kept with neither tokens nor text.
  public let emptyLines: [Int]
  /// By what the rows are split.
  let splitKeys: SplitKeys

  /// Number of rows.
  public var rowCount: Int { ids.count }

  /// The rows, copied into flat memory.
  public init(_ rows: EncodedRows) {
    let labelNames = LabelSet(sorting: rows.labelNames)
    let sortedIndex = (0..<rows.labelNames.count).map {
      Int32(labelNames.index(of: rows.labelNames[$0]) ?? 0)
    }
    self.labelNames = labelNames
    tokens = rows.tokens.map { RaggedVector($0) }
    texts = rows.texts.map { RaggedVector($0) }
    labels = RaggedVector(rows.labels.renumbered(by: sortedIndex))
    unknownLabels = rows.unknownLabels.map { RaggedVector($0.renumbered(by: sortedIndex)) }
    ids = RaggedVector(rows.ids)
    emptyLines = rows.emptyLines.map { Int(truncatingIfNeeded: $0) }
    splitKeys = SplitKeys(
      groups: Vector(copying: rows.groups),
      dates: rows.dates.isEmpty ? nil : Vector(copying: rows.dates))
  }

  /// Rows as a cache holds them; nil if their counts do not agree.
  init?(
    tokens: RaggedVector<Int32>?, texts: RaggedVector<UInt8>?, records: StoredRecords,
    labels: StoredLabels, splitKeys: SplitKeys
  ) {
    let counts = [
      tokens?.count, texts?.count, labels.ofRows.count, labels.unknown?.count,
      splitKeys.groups.count, splitKeys.dates?.count,
    ]
    let ids = records.ids
    guard counts.allSatisfy({ $0 ?? ids.count == ids.count }) else { return nil }
    self.splitKeys = splitKeys
    emptyLines = records.emptyLines.map { Int(truncatingIfNeeded: $0) }
    self.tokens = tokens
    self.texts = texts
    self.labels = labels.ofRows
    unknownLabels = labels.unknown
    self.ids = ids
    var names = ByteStringTable()
    for index in 0..<labels.names.count { _ = names.intern(labels.names[index].array) }
    self.labelNames = LabelSet(sorting: names)
  }

  /// The id of a row.
  func id(_ row: Int) -> String { String(decoding: ids[row].array, as: UTF8.self) }

  /// Whether a row has neither tokens nor text.
  func isEmpty(_ row: Int) -> Bool {
    tokens?.range(row).isEmpty ?? texts?.range(row).isEmpty ?? true
  }

  /// The length of a row: its tokens, or else its text in words of four bytes, and a word for the
  /// number of bytes.
  func length(_ row: Int) -> Int {
    if let tokens { return tokens.range(row).count }
    return 1 + ((texts?.range(row).count ?? 0) + 3) / 4
  }

  /// Lends the UTF-8 bytes of a row's text. The rows must have texts.
  public func withText<Result, Failure: Error>(
    _ row: Int, _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    guard let texts else { preconditionFailure("the texts of these rows are not kept") }
    return try texts[row].withSpan(body)
  }
}

/// What a cache holds of records beside their texts and labels.
struct StoredRecords {
  let ids: RaggedVector<UInt8>
  /// The lines of rows without a text.
  let emptyLines: [UInt64]
}

/// Labels as a cache holds them.
struct StoredLabels {
  /// Indices into the names, ascending.
  let ofRows: RaggedVector<Int32>
  /// Those that nobody knows, likewise; nil if all is known.
  let unknown: RaggedVector<Int32>?
  /// As UTF-8, sorted.
  let names: RaggedVector<UInt8>
}

extension StoredRows {
  /// A number that changes with any token of the rows, but for chance.
  public var tokenFingerprint: UInt64 { fingerprint(tokens) }

  /// A number that changes with any text of the rows, but for chance.
  public var textFingerprint: UInt64 { fingerprint(texts) }

  private func fingerprint<Element>(_ lists: RaggedVector<Element>?) -> UInt64 {
    lists.map { Fingerprint.mix($0.values.fingerprint, $0.offsets.fingerprint) } ?? 0
  }

  /// Mixes what a row is read by into the state of a fingerprint: its tokens, or else its text.
  func mix(_ row: Int, into state: UInt64) -> UInt64 {
    var state = state
    if let tokens {
      let range = tokens.range(row)
      return tokens.values.withSpan { values in
        for index in range {
          state = Fingerprint.mix(state, UInt64(UInt32(bitPattern: values[index])))
        }
        return state
      }
    }
    return withText(row) { bytes in
      state = Fingerprint.mix(state, UInt64(bytes.count))
      for start in stride(from: 0, to: bytes.count, by: 4) {
        var word: UInt64 = 0
        for index in start..<min(start + 4, bytes.count) {
          word |= UInt64(bytes[index]) << UInt64(8 * (index - start))
        }
        state = Fingerprint.mix(state, word)
      }
      return state
    }
  }
}

extension RaggedArray<Int32> {
  /// The label indices as `newIndex` numbers them, ascending in each row.
  func renumbered(by newIndex: [Int32]) -> RaggedArray<Int32> {
    var result = values.map { newIndex[Int($0)] }
    for row in 0..<count {
      let range = range(row)
      let isSorted = range.dropFirst().allSatisfy { result[$0 - 1] <= result[$0] }
      if !isSorted { result[range].sort() }
    }
    return with(values: result)
  }
}

/// What a split knows of stored rows.
struct SplitKeys {
  /// Equal for rows that stay together `[N]`: those of one group, or with one text.
  let groups: Vector<UInt64>
  /// Seconds since 1970 by which rows are split `[N]`; nil where they are not.
  let dates: Vector<Int64>?
}
