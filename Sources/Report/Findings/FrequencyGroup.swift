// The labels by how frequent they are.

import Objectives

struct FrequencyGroup {
  let name: String
  /// Its labels, by their indices.
  let members: [Int]
  /// The mean of their F1.
  let meanF1: Double
  /// Labels of which no row is found.
  let zeros: Int
  /// Their share of the errors of all labels.
  let errorShare: Double

  var labels: Int { members.count }

  /// The groups that have labels.
  static func all(_ findings: Findings) -> [FrequencyGroup] {
    let labels = findings.run.labels
    let groups = LabelGroups(
      counts: TrainingCounts(
        rows: labels.map(\.trainingPositives).max() ?? 0,
        positives: labels.map(\.trainingPositives)))
    let errors = findings.figures.reduce(0) { $0 + $1.errors }
    return groups.all.map { group in
      let figures = group.labels.map { findings.figures[$0] }
      return FrequencyGroup(
        name: group.frequency.rawValue, members: group.labels,
        meanF1: figures.reduce(0) { $0 + $1.f1 } / Double(figures.count),
        zeros: figures.count { $0.truePositives == 0 },
        errorShare: ratio(figures.reduce(0) { $0 + $1.errors }, errors))
    }
  }
}
