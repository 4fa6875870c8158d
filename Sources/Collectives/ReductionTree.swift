// The order in which a rank adds the gradients of its own microbatches. docs/collectives.md shows
// the whole tree and why its bits don't depend on the number of ranks.

/// A rank's part of the fixed tree in which the gradients of a step's M microbatches are added.
///
/// Rank r of P carries the microbatches r, r + P, r + 2P, …, here called 0 ..< k. With
/// k = odd · 2^b, the items of each residue class modulo 2^b are added first, in ascending order;
/// then sums at distance 2^(b-1), then 2^(b-2), … down to 1, the lower one first.
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
    let classes = count & -count
    visit(residue: 0, distance: 1, classes: classes, count: count, slot: 0)
  }

  /// The tree of each of `ranks` ranks. Throws `CollectiveError.indivisible` where the number of
  /// ranks does not divide the number of microbatches.
  public init(microbatches: Int, ranks: Int) throws {
    guard microbatches > 0, microbatches.isMultiple(of: ranks) else {
      throw CollectiveError.indivisible(microbatches: microbatches, ranks: ranks)
    }
    self.init(count: microbatches / ranks)
  }

  /// The step's microbatches that a rank carries, in the order of `compute`'s `index`.
  public static func microbatches(_ count: Int, ofRank rank: Int, ranks: Int) -> [Int] {
    Array(stride(from: rank, to: count, by: ranks))
  }

  /// Puts the sum of all items that equal `residue` modulo `distance` into `slot`.
  private mutating func visit(residue: Int, distance: Int, classes: Int, count: Int, slot: Int) {
    slotCount = max(slotCount, slot + 1)
    if distance < classes {
      let next = 2 * distance
      visit(residue: residue, distance: next, classes: classes, count: count, slot: slot)
      visit(
        residue: residue + distance, distance: next, classes: classes, count: count,
        slot: slot + 1)
      operations.append(.add(above: slot))
      return
    }
    operations.append(.compute(index: residue, slot: slot))
    for index in stride(from: residue + classes, to: count, by: classes) {
      slotCount = max(slotCount, slot + 2)
      operations.append(.compute(index: index, slot: slot + 1))
      operations.append(.add(above: slot))
    }
  }
}
