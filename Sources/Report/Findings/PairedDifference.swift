// How far two runs differ on the same rows.

import Objectives
import Reporting
import Storage

/// The difference of micro-F1 between two runs, with the confidence interval of what leaving out a
/// row changes in both: what makes rows hard for both cancels out.
struct PairedDifference: Equatable {
  let value: Double
  let interval: ConfidenceInterval

  /// Of `run` to `base`; nil with fewer than two rows.
  init?(_ run: HeldOutRows, _ base: HeldOutRows) {
    guard run.numbers == base.numbers else { return nil }
    let (mine, others) = (Self.counts(run), Self.counts(base))
    let (all, allOthers) = (mine.reduce(.zero, &+), others.reduce(.zero, &+))
    let value = Self.f1(all) - Self.f1(allOthers)
    let changes = mine.indices.map {
      Self.f1(all &- mine[$0]) - Self.f1(allOthers &- others[$0]) - value
    }
    guard let interval = ConfidenceInterval(value, changes: changes) else { return nil }
    (self.value, self.interval) = (value, interval)
  }

  /// Of each row: labels that were rightly given, given, and true.
  private static func counts(_ rows: HeldOutRows) -> [SIMD4<Int64>] {
    (0..<rows.count).map { row in
      let entries = rows[row]
      return SIMD4(
        Int64(entries.count { $0.isTrue && $0.isDecided }), Int64(rows.decidedCounts[row]),
        Int64(entries.count(where: \.isTrue)), 0)
    }
  }

  private static func f1(_ sums: SIMD4<Int64>) -> Double {
    ratio(2 * Int(sums.x), Int(sums.y) + Int(sums.z))
  }
}

extension Findings {
  /// Throws exit code 64 unless both runs have the same labels and were judged on the same rows.
  func checkComparable(with base: Findings) throws(Failure) {
    let (mine, other) = (run.labels.map(\.name), base.run.labels.map(\.name))
    guard mine.map(ExactName.init) == other.map(ExactName.init) else {
      throw Failure(
        .usage,
        "\(run.path) and \(base.run.path) have different labels (\(mine.count) and \(other.count)): a "
          + "report compares runs with the same ones")
    }
    let remedy =
      "; compare them on other rows by \(Program.name) compare \(base.run.path) \(run.path) --data FILE"
    guard run.part == base.run.part, figures.map(\.positives) == base.figures.map(\.positives),
      kept?.rows.numbers == base.kept?.rows.numbers || kept == nil || base.kept == nil
    else {
      throw Failure(
        .usage,
        "\(run.path) and \(base.run.path) were judged on different rows\(remedy)")
    }
  }
}
