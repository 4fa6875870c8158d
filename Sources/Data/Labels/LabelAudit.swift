import Memory

/// What is worth knowing about the data before training on it.
public struct LabelAudit: Sendable {
  /// A part of the data and what it shares with the training part.
  public struct Part: Equatable, Sendable {
    /// "training", "validation" or "test".
    public let name: String
    /// Its label counts.
    public let counts: LabelCounts
    /// Labels that are not in the training data's label set, and their rows, the most frequent
    /// first.
    public let unknownLabels: [Dataset.UnknownLabel]
    /// Rows whose text an earlier row of the same part has.
    public let repeatedRowCount: Int
    /// Rows whose text the training part has too; 0 for the training part.
    public let rowCountSharedWithTraining: Int
    /// Rows whose text the validation part has too; counted for the test part only.
    public let rowCountSharedWithValidation: Int
    /// Rows whose text an earlier row of the same part has with other labels.
    public let contradictionCount: Int
  }

  /// The parts, training first.
  public let parts: [Part]
  /// The names of the labels.
  public let names: [String]
  /// Labels that hold in every training row.
  public let constantLabels: [Int]
  /// Pairs of labels that hold in the very same training rows; the second one is not yet in a pair.
  public let equalLabels: [(first: Int, second: Int)]

  /// Looks through the parts, which share one label set.
  public init(training: Dataset, validation: Dataset? = nil, test: Dataset? = nil) {
    var (parts, known): ([Part], [String: TextHashes]) = ([], [:])
    for (name, dataset) in [("training", training), ("validation", validation), ("test", test)] {
      guard let dataset else { continue }
      let hashes = TextHashes(dataset)
      func shared(_ other: String) -> Int { known[other].map(hashes.rowCount) ?? 0 }
      parts.append(
        Part(
          name: name, counts: LabelCounts(dataset),
          unknownLabels: dataset.unknownLabels.sorted {
            ($1.rowCount, $0.name) < ($0.rowCount, $1.name)
          },
          repeatedRowCount: hashes.repeatedRowCount,
          rowCountSharedWithTraining: shared("training"),
          rowCountSharedWithValidation: shared("validation"),
          contradictionCount: hashes.contradictionCount(in: dataset)))
      known[name] = hashes
    }
    self.parts = parts
    names = training.labels.names
    let counts = parts[0].counts
    constantLabels = counts.positives.indices.filter {
      counts.rowCount > 1 && counts.positives[$0] == counts.rowCount
    }
    equalLabels = Self.equalLabels(training, counts)
  }

  /// Labels without a positive row, and those of every row, are named elsewhere.
  private static func equalLabels(
    _ dataset: Dataset, _ counts: LabelCounts
  ) -> [(first: Int, second: Int)] {
    var hashes = [UInt64](repeating: Fingerprint.start, count: dataset.labels.count)
    for row in 0..<dataset.rowCount {
      for label in dataset.labelIndices(row) {
        hashes[Int(label)] = Fingerprint.mix(hashes[Int(label)], UInt64(row))
      }
    }
    var first: [UInt64: Int] = [:]
    return hashes.indices.compactMap { label in
      let positives = counts.positives[label]
      guard positives > 1, positives < counts.rowCount else { return nil }
      guard let other = first[hashes[label]] else {
        first[hashes[label]] = label
        return nil
      }
      return (other, label)
    }
  }

  /// The part of that name.
  public func part(_ name: String) -> Part? { parts.first { $0.name == name } }

  /// Indices of labels with positives in training and none in the part `name`.
  public func labelsAbsent(from name: String) -> [Int] {
    guard let part = part(name) else { return [] }
    return parts[0].counts.positives.indices.filter {
      parts[0].counts.positives[$0] > 0 && part.counts.positives[$0] == 0
    }
  }

  /// The audit for a reader, a line each.
  public var summary: [String] {
    let training = parts[0].counts
    let bins = training.histogram().map { "\($0.name): \($0.labelCount)" }
    var lines = [
      "labels: \(training.positives.count); by positives in training: "
        + bins.joined(separator: ", ")
    ]
    lines += labelRemarks
    for part in parts {
      let perRow = rounded(part.counts.labelsPerRow)
      lines.append("\(part.name): \(part.counts.rowCount) rows, \(perRow) labels a row")
      lines += remarks(on: part).map { "\(part.name): \($0)" }
    }
    return lines
  }

  /// The five labels of which the most rows are unknown.
  private func mostUnknown(_ counts: LabelCounts) -> String {
    let order = counts.unknown.indices.filter { counts.unknown[$0] > 0 }
      .sorted { (counts.unknown[$1], $0) < (counts.unknown[$0], $1) }
    let first = order.prefix(5).map { "“\(excerpt(names[$0]))” \(counts.unknown[$0])" }
    return first.joined(separator: ", ") + (order.count > 5 ? ", …" : "")
  }

  /// The labels of the most training rows, with their numbers of rows.
  public var mostFrequent: String {
    let positives = parts[0].counts.positives
    let frequent = positives.indices.sorted { (-positives[$0], $0) < (-positives[$1], $1) }
      .prefix(8).filter { positives[$0] > 0 }.map { "“\(excerpt(names[$0]))” \(positives[$0])" }
    let more = !frequent.isEmpty && positives.count > frequent.count ? ", …" : ""
    return frequent.joined(separator: ", ") + more
  }

  private func rounded(_ number: Double) -> Double { (number * 100).rounded() / 100 }

  private var labelRemarks: [String] {
    var lines: [String] = []
    if !mostFrequent.isEmpty { lines.append("most frequent labels: \(mostFrequent)") }
    if !constantLabels.isEmpty {
      let shown = constantLabels.prefix(5).map { "“\(excerpt(names[$0]))”" }
      lines.append(
        "labels that hold in every training row: \(shown.joined(separator: ", "))"
          + (constantLabels.count > 5 ? ", …" : ""))
    }
    if !equalLabels.isEmpty {
      let shown = equalLabels.prefix(5).map {
        "“\(excerpt(names[$0.second]))” as “\(excerpt(names[$0.first]))”"
      }
      lines.append(
        "labels that hold in the same training rows as another: \(shown.joined(separator: ", "))"
          + (equalLabels.count > 5 ? ", …" : ""))
    }
    return lines
  }

  private func remarks(on part: Part) -> [String] {
    var remarks: [String] = []
    func remark(_ text: String, _ count: Int) {
      if count > 0 { remarks.append("\(text): \(count)") }
    }
    remark("rows without a label", part.counts.unlabeledRowCount)
    let unknown = part.counts.unknownCellCount
    let share = part.counts.unknownShare * 100
    remark(
      "cells of which nobody knows whether the label holds, which count nowhere (\(rounded(share)) %)",
      unknown)
    if unknown > 0 {
      remark("labels of which nothing is known", part.counts.labelsWithoutKnownRows.count)
      remarks.append("labels with most unknown rows: \(mostUnknown(part.counts))")
    }
    remark("rows with the text of an earlier row", part.repeatedRowCount)
    remark("rows with the text of an earlier row and other labels", part.contradictionCount)
    if part.name == "training" {
      remark("labels without a positive row", part.counts.labelsWithoutPositives.count)
    } else {
      remark("rows with a text of the training rows", part.rowCountSharedWithTraining)
      remark("rows with a text of the validation rows", part.rowCountSharedWithValidation)
      remark("labels of training that do not occur", labelsAbsent(from: part.name).count)
      let names = part.unknownLabels.prefix(5).map { "“\(excerpt($0.name))” \($0.rowCount)" }
      let more = part.unknownLabels.count > names.count ? ", …" : ""
      remark(
        "labels that training lacks, ignored (\(names.joined(separator: ", "))\(more))",
        part.unknownLabels.count)
    }
    return remarks
  }
}
