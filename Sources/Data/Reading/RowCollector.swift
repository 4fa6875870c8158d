import Memory
import Text

/// Collects parsed rows into `EncodedRows`.
struct RowCollector {
  var rows = EncodedRows()
  private let content: RowContent
  private let skipsEmpty: Bool
  private var mentions = LabelMentions()

  /// - Parameter skipsEmpty: whether rows without a text are left out.
  init(_ content: RowContent, labelNames: ByteStringTable, skipsEmpty: Bool) {
    self.content = content
    self.skipsEmpty = skipsEmpty
    rows.labelNames = labelNames
    if content.tokenization != nil { rows.tokens = RaggedArray() }
    if content.keepsTexts { rows.texts = RaggedArray() }
  }

  /// Adds row `number` (of the whole file, from 0), which begins on `line`.
  mutating func add(_ row: ParsedRow, number: Int, line: Int) {
    // A file with bad rows is refused, so its other rows need not be tokenized.
    guard rows.badRows.isEmpty else { return }
    if row.isEmpty {
      rows.emptyLines.append(UInt64(line))
      if skipsEmpty { return }
    }
    rows.ids.append(row.id ?? Array(String(number).utf8))
    if let (tokenizer, maxLength) = content.tokenization {
      rows.tokens?.append {
        if row.isEmpty { return }
        tokenizer.encode(utf8: row.text.span, maxLength: maxLength, into: &$0)
      }
    }
    rows.texts?.append(row.text)
    rows.groups.append(row.group.map(groupKey) ?? textKey(row.text))
    if let date = row.date { rows.dates.append(date) }
    mentions.reserve(rows.labelNames.count)
    rows.labels.append { labels in
      for label in row.labels where mentions.isFirst(label, of: number) { labels.append(label) }
    }
    addUnknown(row.unknownLabels, number)
  }

  private mutating func addUnknown(_ labels: [Int32], _ number: Int) {
    if labels.isEmpty {
      rows.unknownLabels?.append([])
    } else {
      var list = RaggedArray<Int32>()
      list.append { list in
        for label in labels where mentions.isFirst(label, of: number) { list.append(label) }
      }
      rows.appendUnknown(list, after: rows.rowCount - 1)
    }
  }
}

/// For each label the row that named it last, to pass over repetitions.
private struct LabelMentions {
  private var lastRow: [Int] = []

  mutating func reserve(_ labelCount: Int) {
    guard lastRow.count < labelCount else { return }
    lastRow.append(contentsOf: repeatElement(-1, count: labelCount - lastRow.count))
  }

  /// Whether row `number` names the label for the first time.
  mutating func isFirst(_ label: Int32, of number: Int) -> Bool {
    defer { lastRow[Int(label)] = number }
    return lastRow[Int(label)] != number
  }
}

/// Equal for texts that differ in nothing but white space and the case of ASCII letters, and else
/// different but for chance.
private func textKey(_ text: [UInt8]) -> UInt64 {
  var (state, isInWord, isFirst) = (Fingerprint.start, false, true)
  for byte in text {
    if byte.isBlank {
      isInWord = false
      continue
    }
    if !isInWord, !isFirst { state = Fingerprint.mix(state, UInt64(UInt8.space)) }
    (isInWord, isFirst) = (true, false)
    let isUpper = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    state = Fingerprint.mix(state, UInt64(isUpper ? byte | 0x20 : byte))
  }
  return state
}

/// Equal for equal values of the group column.
private func groupKey(_ value: [UInt8]) -> UInt64 {
  value.reduce(Fingerprint.mix(Fingerprint.start, 1)) { Fingerprint.mix($0, UInt64($1)) }
}
