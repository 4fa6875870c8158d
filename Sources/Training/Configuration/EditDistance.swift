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
