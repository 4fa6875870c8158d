// The order in which a rank adds the gradients of its own microbatches. docs/explanation/collectives.md shows
// the whole tree and why its bits don't depend on the number of ranks.

/// A rank's part of the fixed tree in which the gradients of a step's M microbatches are added.
///
/// With M = f₁·f₂·…, its prime factors from the largest down, the last thing to be added are the
/// sums of the residue classes modulo f₁, one after another; each of these is the sum of its
/// residue classes modulo f₁·f₂, and so on. Rank r of P carries the microbatches r, r + P, r + 2P,
/// …, here called 0 ..< k; P is a product of the first factors, so that k has the others.
public struct ReductionTree: Equatable, Sendable {
  /// One thing to do. Slots are buffers of the caller's, each as large as a gradient.
  public enum Operation: Equatable, Sendable {
    /// Compute the gradient of the rank's microbatch `index` (0 ..< k) into a slot.
    case compute(index: Int, slot: Int)
    /// Add the slot above, `slot + 1`, to `slot`.
    case add(above: Int)
  }

  /// What to do, in this order. At the end the sum is in slot 0.
  public private(set) var operations: [Operation] = []
  /// The number of slots needed, at most ⌈log₂ k⌉ + 1.
  public private(set) var slotCount = 0

  /// The tree over a rank's `count` microbatches.
  public init(count: Int) {
    precondition(count > 0)
    visit(residue: 0, distance: 1, factors: ReductionFactors.of(count)[...], slot: 0)
  }

  /// The tree of each of `ranks` ranks. Throws `CollectiveError.indivisible` if that many ranks
  /// cannot form the tree.
  public init(microbatches: Int, ranks: Int) throws {
    guard microbatches > 0, ReductionFactors.rankCounts(microbatches: microbatches).contains(ranks)
    else { throw CollectiveError.indivisible(microbatches: microbatches, ranks: ranks) }
    self.init(count: microbatches / ranks)
  }

  /// The step's microbatches that a rank carries, in the order of `compute`'s `index`.
  public static func microbatches(_ count: Int, ofRank rank: Int, ranks: Int) -> [Int] {
    Array(stride(from: rank, to: count, by: ranks))
  }

  /// Puts the sum of all items that equal `residue` modulo `distance` into `slot`.
  private mutating func visit(
    residue: Int, distance: Int, factors: ArraySlice<Int>, slot: Int
  ) {
    slotCount = max(slotCount, slot + 1)
    guard let factor = factors.first else {
      operations.append(.compute(index: residue, slot: slot))
      return
    }
    for digit in 0..<factor {
      visit(
        residue: residue + digit * distance, distance: distance * factor,
        factors: factors.dropFirst(), slot: digit == 0 ? slot : slot + 1)
      if digit > 0 { operations.append(.add(above: slot)) }
    }
  }
}
