import Text

/// Collects parsed rows into `EncodedRows`.
struct RowCollector {
  var rows = EncodedRows()
  private let content: RowContent
  /// For each label the row that named it last, to pass over repetitions.
  private var lastRow: [Int] = []

  init(_ content: RowContent, labelNames: ByteStringTable) {
    self.content = content
    rows.labelNames = labelNames
    if content.tokenization != nil { rows.tokens = RaggedArray() }
    if content.keepsTexts { rows.texts = RaggedArray() }
  }

  /// Adds row `number` (of the whole file, from 0).
  mutating func add(_ row: ParsedRow, number: Int) {
    rows.ids.append(row.id ?? Array(String(number).utf8))
    if let (tokenizer, maxLength) = content.tokenization {
      rows.tokens?.append {
        tokenizer.encode(utf8: row.text.span, maxLength: maxLength, into: &$0)
      }
    }
    rows.texts?.append(row.text)
    if lastRow.count < rows.labelNames.count {
      lastRow.append(
        contentsOf: repeatElement(-1, count: rows.labelNames.count - lastRow.count))
    }
    rows.labels.append { labels in
      for label in row.labels where lastRow[Int(label)] != number {
        lastRow[Int(label)] = number
        labels.append(label)
      }
    }
  }
}
