// scores.safetensors: what a run's report needs of its held-out rows, beside the figures.

import Memory
import Objectives
import Storage

/// The scores of the best model on the validation and test rows.
package struct HeldOutScores: Sendable, Equatable {
  /// One part of the rows.
  package struct Part: Sendable, Equatable {
    /// Rows of the part; of many, some are kept only.
    package var rowCount: Int
    package var rows: HeldOutRows
    /// Of all rows.
    package var curve: ScoreCurve

    package init(rowCount: Int, rows: HeldOutRows, curve: ScoreCurve) {
      (self.rowCount, self.rows, self.curve) = (rowCount, rows, curve)
    }
  }

  package var parts: [RunPart: Part]

  package init(parts: [RunPart: Part]) { self.parts = parts }

  /// Writes the file. Throws `FileError`.
  package func write(to path: String) throws {
    var writer = SafetensorsWriter()
    for part in RunPart.allCases {
      if let content = parts[part] { Self.add(content, part, &writer) }
    }
    let file = try PendingFile(path: path)
    try writer.write(to: file)
    try file.commit()
  }

  private static func add(_ part: Part, _ name: RunPart, _ writer: inout SafetensorsWriter) {
    let (rows, prefix) = (part.rows, "\(name.rawValue).")
    func add<Element: StoredElement>(_ name: String, _ values: [Element]) {
      writer.add(prefix + name, shape: [values.count], Vector(values))
    }
    add("row_count", [Int64(part.rowCount)])
    add("curve_scores", part.curve.scores.map(Int64.init))
    add("curve_positives", part.curve.positives.map(Int64.init))
    add("row", rows.numbers)
    add("decided_count", rows.decidedCounts)
    add("end", rows.ends)
    add("label", rows.entries.map(\.label))
    add("logit", rows.entries.map(\.logit))
    add("flags", rows.entries.map(\.flags))
  }

  /// Reads the file. Throws `FileError`, and `StorageError` where it is not what `write` writes.
  /// - Parameter labels: number of labels of the run.
  package init(contentsOf path: String, labels: Int) throws {
    let file = try SafetensorsFile(path: path)
    parts = [:]
    for part in RunPart.allCases where file.tensor("\(part.rawValue).row") != nil {
      parts[part] = try Self.read(file, part, labels: labels)
    }
  }

  private static func read(
    _ file: SafetensorsFile, _ name: RunPart, labels: Int
  ) throws -> Part {
    func values<Element: StoredElement>(_ key: String, _ type: Element.Type) throws -> [Element] {
      try file.elements("\(name.rawValue).\(key)", of: type).array
    }
    let curves = try ["curve_scores", "curve_positives"].map {
      try values($0, Int64.self).map(Int.init)
    }
    let (numbers, decided) = (
      try values("row", Int32.self), try values("decided_count", Int32.self)
    )
    let ends = try values("end", Int32.self).map(Int.init)
    let (indices, logits) = (try values("label", Int32.self), try values("logit", Float.self))
    let flags = try values("flags", UInt8.self)
    let total = try values("row_count", Int64.self).first.map(Int.init) ?? 0
    guard curves.allSatisfy({ $0.count == ScoreCurve.bins }), numbers.count == decided.count,
      numbers.count == ends.count, zip([0] + ends, ends).allSatisfy({ $0 <= $1 }),
      ends.last ?? 0 == indices.count, logits.count == indices.count, flags.count == indices.count,
      indices.allSatisfy({ (0..<labels).contains(Int($0)) }), total >= numbers.count
    else {
      throw StorageError(
        .malformed, file.path,
        "does not hold the scores of this run; resume the run to write it anew")
    }
    var rows = HeldOutRows()
    for (row, range) in zip([0] + ends, ends).enumerated() {
      rows.append(
        number: numbers[row], decidedCount: decided[row],
        entries: (range.0..<range.1).map {
          HeldOutRows.Entry(label: indices[$0], logit: logits[$0], flags: flags[$0])
        })
    }
    return Part(
      rowCount: total, rows: rows, curve: ScoreCurve(scores: curves[0], positives: curves[1]))
  }
}
