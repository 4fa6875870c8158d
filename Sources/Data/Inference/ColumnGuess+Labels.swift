// How often labels occur in the first rows, for a reader to see whether they are labels at all.

extension ColumnGuess {
  /// The most frequent labels of the first rows, with the number of these rows.
  public func frequentLabels(in sample: FileSample) -> [(name: String, rows: Int)] {
    var counts: [String: Int] = [:]
    for name in labelColumns {
      counts[name] = sample.column(name)?.positiveCount
    }
    for value in columns.labels.flatMap(sample.column)?.values ?? [] {
      for name in Set(names(in: value)) { counts[name, default: 0] += 1 }
    }
    let labels = counts.compactMap { name, rows in rows > 0 ? (name: name, rows: rows) : nil }
    return Array(labels.sorted { ($1.rows, $0.name) < ($0.rows, $1.name) }.prefix(8))
  }

  /// Names of labels that stand in a cell; none where it holds numbers.
  private func names(in value: SampledColumn.Value) -> [String] {
    switch value {
    case .list(let names): return names
    case .text(let text):
      if columns.labelsSeparator == nil, case .names(let names) = ListText(text.utf8) {
        return names.map { String(decoding: $0, as: UTF8.self) }
      }
      let separator = columns.labelsSeparator ?? ","
      return SampledColumn.split(text, by: separator).filter { !$0.isEmpty }
    default: return []
    }
  }
}
