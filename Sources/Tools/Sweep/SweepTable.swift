// The table of a sweep: for people, at the end of the terminal's output and in sweep.md.

import Foundation
import Objectives
import Reporting
import Storage

/// A sweep's variants, the best first, those without results last.
struct SweepTable {
  let record: SweepRecord

  /// A table in Markdown.
  var lines: [String] {
    let columns = columns.filter { !$0.isOptional || !$0.cells.allSatisfy(\.isEmpty) }
    return MarkdownTable(
      header: columns.map(\.title),
      rows: variants.indices.map { row in columns.map { $0.cells[row] } }
    ).lines
  }

  /// The content of sweep.md.
  var text: String {
    let best = record.ranking.first.map { "Best by \(record.metric): `\($0.name)`." }
    return """
      # Sweep

      Figures are of the best model of each variant, on the validation rows; columns "test" on the test \
      rows, which decide nothing. F1 is at the global threshold tuned on validation. \
      \(best ?? "No variant has results.")

      \(lines.joined(separator: "\n"))

      """
  }

  private struct Column {
    let title: String
    let cells: [String]
    /// Whether the column is left out where all cells are empty.
    var isOptional = true
  }

  private var variants: [SweepVariant] {
    let ranking = record.ranking
    let ranked = Set(ranking.map(\.number))
    return ranking + record.plan.variants.filter { !ranked.contains($0.number) }
  }

  private var columns: [Column] {
    let known = [MetricName.microF1.by(.global), .macroF1.by(.global)]
    let own =
      (known + [.loss]).contains(record.metric)
      ? [] : [figures(record.metric.description, record.metric)]
    let groups = LabelGroups.Frequency.allCases.map { figures($0.rawValue, $0.f1.by(.global)) }
    return [numbers] + values + own + [
      figures("micro-F1", known[0]), figures("macro-F1", known[1]),
    ] + groups + [
      figures("loss", .loss, digits: 5), bestSteps,
      Column(title: "seconds", cells: records.map { fixed($0.seconds, digits: 1) }),
      Column(title: "state", cells: records.map(\.state.rawValue)),
      figures("test micro-F1", known[0], of: .test),
      figures("test macro-F1", known[1], of: .test),
    ]
  }

  private var records: [VariantRecord] { variants.map { record.variants[$0.number - 1] } }

  private var numbers: Column { Column(title: "#", cells: variants.map { "\($0.number)" }) }

  /// A column for each varied key, by its last part where that tells it apart.
  private var values: [Column] {
    let names = record.plan.keys.map { String($0.split(separator: ".").last ?? "") }
    return record.plan.keys.indices.map { index in
      let isUnique = names.filter { $0 == names[index] }.count == 1
      return Column(
        title: isUnique ? names[index] : record.plan.keys[index],
        cells: variants.map { $0.values[index].text.replacingOccurrences(of: "|", with: "\\|") })
    }
  }

  private var bestSteps: Column {
    Column(
      title: "best step",
      cells: records.map { $0.results.map { "\($0.bestStep)" } ?? "" })
  }

  private func figures(
    _ title: String, _ name: MetricName, of part: RunPart = .validation, digits: Int = 4
  ) -> Column {
    Column(
      title: title,
      cells: records.map { $0.results?[part]?[name].map { fixed($0, digits: digits) } ?? "" })
  }
}
