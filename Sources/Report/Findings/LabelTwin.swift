// Pairs of labels that almost the same rows have, as audit.json lists them.

import Storage

struct LabelTwin: Equatable {
  /// Indices of the labels.
  let first, second: Int
  let rowsWithBoth: Int
  let rowsWithEither: Int

  /// The pairs of a run; none where its audit does not list them.
  static func all(in audit: JSONValue?, labels: [String: Int]) -> [LabelTwin] {
    (audit?["labels_with_the_same_rows"]?.array ?? []).compactMap { entry in
      let names = entry["labels"]?.array?.compactMap(\.string) ?? []
      guard names.count == 2, let first = labels[names[0]], let second = labels[names[1]],
        let both = entry["rows_with_both"]?.integer,
        let either = entry["rows_with_either"]?.integer
      else { return nil }
      return LabelTwin(
        first: first, second: second, rowsWithBoth: both, rowsWithEither: either)
    }
  }
}
