/// The factors by which gradients are added: what numbers of ranks form the same tree.
public enum ReductionFactors {
  /// The prime factors of a number ≥ 1, from the largest down; none of 1.
  public static func of(_ number: Int) -> [Int] {
    precondition(number > 0)
    var (factors, rest, candidate): ([Int], Int, Int) = ([], number, 2)
    while candidate * candidate <= rest {
      while rest.isMultiple(of: candidate) {
        factors.append(candidate)
        rest /= candidate
      }
      candidate += 1
    }
    if rest > 1 { factors.append(rest) }
    return factors.reversed()
  }

  /// The numbers of ranks that add so many microbatches with the same bits: products of the first
  /// factors. 1, 2, 4, 8 for 8 microbatches; 1, 3, 6, 12 for 12.
  public static func rankCounts(microbatches: Int) -> [Int] {
    of(microbatches).reduce(into: [1]) { $0.append($0[$0.count - 1] * $1) }
  }

  /// The least number of microbatches, at least `count`, that `ranks` ranks share, and all numbers
  /// of ranks that halving leads to.
  public static func microbatches(atLeast count: Int, ranks: Int) -> Int {
    var microbatches = max(ranks, 1)
    while microbatches < count { microbatches *= 2 }
    return microbatches
  }
}
