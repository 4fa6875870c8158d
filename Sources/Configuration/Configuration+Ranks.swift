import Collectives

extension Configuration {
  /// Throws unless a run of `worldSize` ranks can share the microbatches, with the bits
  /// of one rank.
  public func check(worldSize: Int) throws(ConfigurationError) {
    guard rankCounts.contains(worldSize) else {
      throw .ranks(count: worldSize, microbatches: training.microbatches)
    }
  }

  /// The largest number of ranks, at most `cores`, that can share the microbatches.
  public func largestRankCount(cores: Int) -> Int { rankCounts.last { $0 <= cores } ?? 1 }

  private var rankCounts: [Int] {
    ReductionFactors.rankCounts(microbatches: training.microbatches)
  }
}
