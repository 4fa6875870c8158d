// What a file lacks, or what makes its columns unclear: each message has the line that settles it.

import Storage

extension ColumnAssignment {
  /// Throws where a column that the user has named, or the text, is not in the file.
  func checkNamed(_ names: [String]) throws(DataError) {
    if columns.labels != nil, columns.labelsSeparator?.isEmpty == true {
      throw fail(
        "\(columns.style.name(.labelsSeparator)) is empty: it must be what stands between two labels"
      )
    }
    let present = sample.layout.isJSON ? sample.columns.map(\.name) : names
    guard !sample.layout.isJSON || !sample.columns.isEmpty else { return }
    guard present.contains(columns.text) else { throw missingText() }
    let labels = columns.readsLabels ? columns.labels : nil
    let unknown = columns.readsLabels && !sample.layout.isJSON ? columns.unknownColumn : nil
    for (wanted, setting) in [
      (labels, DataSetting.labelsColumn), (unknown, .unknownColumn), (columns.group, .group),
      (columns.date, .date),
    ] {
      guard let wanted, !present.contains(wanted) else { continue }
      throw missing(wanted, setting, among: present)
    }
    if columns.readsLabels, labels == nil, sample.layout.isJSON { try checkLabelsKey() }
  }

  /// Throws where every row has one field more than the header: an index that has no name.
  func checkFieldCount(_ names: [String]) throws(DataError) {
    guard let count = sample.fieldCount, count == names.count + 1, sample.rowCount > 1,
      columns.dialect.columnNames.isEmpty
    else { return }
    throw fail(
      "every row has \(count) fields and the header \(names.count): rows begin with an index that the "
        + "header does not name; write the file without it, df.to_csv(…, index=False), or name it "
        + "in the header")
  }

  private var kind: String { sample.layout.isJSON ? "key" : "column" }
  private var ofColumns: String {
    "(the \(kind)s are \(sample.list()))"
  }

  private func missing(_ name: String, _ setting: DataSetting, among names: [String]) -> DataError {
    let hint =
      nearestName(to: name, among: names).map { "; did you mean “\(excerpt($0))”?" } ?? ""
    return fail(
      "there is no \(kind) “\(excerpt(name))” (\(columns.style.name(setting)))\(hint) \(ofColumns)")
  }

  private func missingText() -> DataError {
    let wanted = "there is no \(kind) “\(excerpt(columns.text))”"
    if let headerlessAdvice { return fail(wanted + headerlessAdvice) }
    let near = nearestName(to: columns.text, among: sample.columns.map(\.name))
    if let likely = sample.likelyText?.name ?? near, !likely.isEmpty {
      return fail(
        "\(wanted); the text seems to be “\(excerpt(likely))”: set "
          + "\(columns.style.line(.text, likely)) \(ofColumns)")
    }
    return fail(
      "\(wanted); name the \(kind) of the text by \(columns.style.name(.text)) \(ofColumns)")
  }

  /// Throws where JSON has neither the key of the labels nor keys that hold 0 and 1.
  private func checkLabelsKey() throws(DataError) {
    let taken = [columns.text, columns.id, columns.group, columns.date].compactMap(\.self)
    let others = sample.columns.filter {
      !taken.contains($0.name) && !columns.ignored.contains($0.name)
    }
    guard sample.column("labels") == nil, !others.contains(where: \.isMostlyBinary) else { return }
    let likely =
      nearestName(to: "labels", among: others.map(\.name))
      ?? others.first { $0.looksLikeLists }?.name
    guard let likely else {
      throw fail(
        "there is no key “labels”; name the key of the labels by "
          + "\(columns.style.name(.labelsColumn)) \(ofColumns)")
    }
    throw fail(
      "there is no key “labels”; did you mean “\(excerpt(likely))”? Set "
        + "\(columns.style.line(.labelsColumn, likely)) \(ofColumns)")
  }

  /// Throws where the columns that are nothing else hold no labels.
  func checkLabelColumns(_ names: [String]) throws(DataError) {
    let candidates = names.filter {
      !SampledColumn.isUnnamed($0) && !columns.ignored.contains($0)
    }.compactMap(sample.column)
    guard !candidates.isEmpty else {
      guard !sample.layout.isJSON else { return }
      throw fail("there is no label column: every column but text and id is one")
    }
    try checkEmptyCells(candidates)
    let others = candidates.filter {
      $0.holdsFractions || (!$0.isMostlyBinary && !$0.isEmpty)
    }
    guard let first = others.first, sample.rowCount > 0 else { return }
    let lists = others.filter { $0.looksLikeLists }
    let named = lists.filter(\.isNamedAsLabels)
    let hasLabels = candidates.contains { $0.isMostlyBinary && !$0.holdsFractions }
    if let list = named.first ?? (hasLabels || lists.count != 1 ? nil : lists[0]) {
      throw fail(
        "“\(excerpt(list.name))” holds \(example(list)), not 0 or 1; if these are names of labels, set "
          + columns.style.line(.labelsColumn, list.name))
    }
    throw fail(notLabels(first, others))
  }

  /// Throws where so many rows have empty label cells that these mean something.
  private func checkEmptyCells(_ columns: [SampledColumn]) throws(DataError) {
    guard self.columns.emptyCells == .error else { return }
    let empty = columns.map { (column: $0, rows: $0.missingRows) }.filter { !$0.rows.isEmpty }
    let rows = Set(empty.flatMap(\.rows))
    guard rows.count > BadRowReport.limit else { return }
    throw .unclearColumns(
      path: sample.path,
      reason: "\(rows.count) of the first \(sample.rowCount) rows have empty cells in the label "
        + "columns \(sample.list(empty.map(\.column))); "
        + "\(self.columns.style.line(.emptyCells, "zero")) makes empty cells 0, "
        + "\(self.columns.style.line(.emptyCells, "unknown")) leaves them out")
  }

  private func notLabels(_ first: SampledColumn, _ others: [SampledColumn]) -> String {
    let ignored = columns.style.line(.ignored, columns.ignored + others.map(\.name))
    let holds = "“\(excerpt(first.name))” holds \(example(first)), and a label is 0 or 1"
    let usual = UnknownMark(DataColumns.usualUnknownLabel)
    if columns.unknownLabel == nil, first.texts.contains(where: { usual.matches(Array($0.utf8)) }) {
      return "\(holds); if it means that nobody knows, set "
        + columns.style.line(.unknownLabel, usual.text)
    }
    if let yes = first.likelyYes {
      let name = excerpt(first.name)
      return
        "\(holds); make it so, as in df[\"\(name)\"] = (df[\"\(name)\"] == \"\(excerpt(yes))\")"
        + ".astype(int), or leave what is no label out by \(ignored)"
    }
    if first.texts.contains(where: { $0 == "1,0" || $0 == "0,0" }) {
      return "\(holds); write numbers with a point: df.to_csv(…, decimal=\".\")"
    }
    guard first.isNumeric, !first.texts.allSatisfy({ Int($0) != nil }) else {
      return "\(holds); leave what is no label out by \(ignored)"
    }
    let name = excerpt(first.name)
    return "\(holds); decide from where on it holds, as in "
      + "df[\"\(name)\"] = (df[\"\(name)\"] >= 0.5).astype(int), or leave it out by \(ignored)"
  }

  private func example(_ column: SampledColumn) -> String {
    let text = column.texts.first { ![.positive, .negative].contains(LabelValue($0.utf8)) }
    return text.map { "“\(excerpt($0))”" } ?? "lists"
  }
}

extension ColumnAssignment {
  /// What to say where the first line looks like a row; nil where it looks like a header.
  var headerlessAdvice: String? {
    guard case .delimited = sample.layout.form, columns.dialect.columnNames.isEmpty else {
      return nil
    }
    let header = sample.layout.header
    func isCell(_ name: String, _ column: SampledColumn) -> Bool {
      Double(name) != nil || name.split(separator: " ").count > 4
        || (column.distinctShare < 0.5 && column.texts.contains(name))
    }
    guard header.count > 1, zip(header, sample.columns).contains(where: isCell) else { return nil }
    let names = likelyNames
    let line = columns.style.line(.columnNames, names)
    let labels =
      names.contains("labels") && columns.labels == nil && columns.readsLabels
      ? ", and \(columns.style.line(.labelsColumn, "labels"))" : ""
    let shown = header.prefix(6).enumerated().map { "\($0 + 1): “\(excerpt($1))”" }
    return ", and this line looks like a row, not like a header "
      + "(\(shown.joined(separator: ", "))\(header.count > 6 ? ", …" : "")); name the columns, "
      + "as in \(line)\(labels)"
  }

  /// Names for columns that have none, by what they hold.
  private var likelyNames: [String] {
    let text = sample.textCandidates().first?.name ?? sample.columns.first?.name
    var names: [String] = []
    for (index, column) in sample.columns.enumerated() {
      func take(_ name: String, if condition: Bool) -> Bool {
        guard condition, !names.contains(name) else { return false }
        names.append(name)
        return true
      }
      if take("text", if: column.name == text) { continue }
      if column.isBinary {
        names.append("label\(names.count { $0.hasPrefix("label") && $0 != "labels" } + 1)")
        continue
      }
      if take("id", if: column.distinctShare == 1) { continue }
      if !take("labels", if: true) { names.append("column\(index + 1)") }
    }
    return names
  }
}
