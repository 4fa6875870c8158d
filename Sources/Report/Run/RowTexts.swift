// The texts of held-out rows, from the run's data file.

import Configuration
import Data
import Memory
import Objectives
import Reporting

/// Some rows of a run's data file; none where the file is not what it was.
struct RowTexts {
  /// By their numbers in the file.
  private(set) var rows: [Int: SourceRow] = [:]
  /// Why there are none; nil where all is well.
  private(set) var obstacle: String?

  /// No texts are wanted.
  init() {}

  /// Reads the rows with these places among `kept`.
  init(_ run: FinishedRun, kept: HeldOutRows, places: Set<Int>) {
    let path = run.dataFile
    var columns = run.configuration.data.columns()
    columns.readsLabels = true
    do {
      let source = try DataSource(path: path, columns: columns)
      rows = source.rows(numbered: Set(places.map { Int(kept.numbers[$0]) }))
    } catch let error as FileError where error.isMissingFile {
      obstacle =
        "\(path) is not there any more, so texts are left out; run the command where the training ran"
      return
    } catch {
      obstacle = "texts are left out: \(error)"
      return
    }
    guard !places.allSatisfy({ isAsKept($0, kept, run.labels) }) else { return }
    rows = [:]
    obstacle = "\(path) has changed since the run, so texts are left out"
  }

  /// Whether a row still has the labels that it had.
  private func isAsKept(_ place: Int, _ kept: HeldOutRows, _ labels: [LabelFigures]) -> Bool {
    guard let row = rows[Int(kept.numbers[place])] else { return false }
    let names = Set(row.labels)
    return kept[place].filter(\.isTrue).allSatisfy { names.contains(labels[Int($0.label)].name) }
  }
}

extension SourceRow {
  /// Characters of a text that are shown.
  private static let excerptLength = 240

  /// The beginning of the text on one line.
  var excerpt: String {
    var (result, count, isBlank) = ("", 0, false)
    for character in text {
      if character.isWhitespace {
        isBlank = !result.isEmpty
        continue
      }
      guard count < Self.excerptLength else { return result + "…" }
      if isBlank {
        result.append(" ")
        count += 1
        isBlank = false
      }
      result.append(character)
      count += 1
    }
    return result
  }
}
