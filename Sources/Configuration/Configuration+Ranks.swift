extension Configuration {
  /// Throws unless a run of `worldSize` ranks can share the microbatches evenly.
  public func check(worldSize: Int) throws(ConfigurationError) {
    guard training.microbatches.isMultiple(of: worldSize) else {
      throw .ranks(count: worldSize, microbatches: training.microbatches)
    }
  }

  /// The largest number of ranks, at most `cores`, that divides the microbatches.
  public func largestRankCount(cores: Int) -> Int {
    let most = min(max(cores, 1), training.microbatches)
    return (1...most).last { training.microbatches.isMultiple(of: $0) } ?? 1
  }
}
