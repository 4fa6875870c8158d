/// The candidate that is most like `name`, or nil if none comes near.
///
/// Likeness is the edit distance over scalars without regard to case; near is at most a
/// third of the longer name, and at least two edits are forgiven for names over three scalars.
public func nearestName(to name: String, among candidates: [String]) -> String? {
  let wanted = Array(name.lowercased().unicodeScalars.prefix(100))
  var best: (distance: Int, name: String)?
  for candidate in candidates {
    let scalars = Array(candidate.lowercased().unicodeScalars.prefix(100))
    let longer = max(wanted.count, scalars.count)
    let limit = max(longer / 3, longer > 3 ? 2 : 1)
    guard abs(wanted.count - scalars.count) <= limit else { continue }
    let distance = editDistance(wanted, scalars)
    if distance <= limit, distance < best?.distance ?? .max { best = (distance, candidate) }
  }
  return best?.name
}

/// The Damerau–Levenshtein distance (in its restricted form, optimal string alignment): the fewest
/// insertions, deletions, substitutions and swaps of neighbors that turn `source` into `target`.
package func editDistance<Element: Equatable>(_ source: [Element], _ target: [Element]) -> Int {
  var beforeLast: [Int] = []
  var last = Array(0...target.count)
  for i in source.indices {
    var row = [i + 1]
    for j in target.indices {
      let substitution = last[j] + (source[i] == target[j] ? 0 : 1)
      var best = min(substitution, last[j + 1] + 1, row[j] + 1)
      if i > 0, j > 0, source[i] == target[j - 1], source[i - 1] == target[j] {
        best = min(best, beforeLast[j - 1] + 1)
      }
      row.append(best)
    }
    beforeLast = last
    last = row
  }
  return last[target.count]
}
