extension DataSplit {
  /// Splits without regard to labels: each row draws a number from its own index and the seed. The
  /// rows with the smallest numbers validate, the next ones are the test rows.
  ///
  /// A part has the nearest whole number of rows, but one at least if its fraction is positive and
  /// there are enough rows.
  static func random(rowCount: Int, _ fractions: SplitFractions, seed: UInt64) -> DataSplit {
    let draws = (0..<rowCount).map { row in
      var stream = SplitMix64(seed: seed, stream: RandomStream.split, index: UInt64(row))
      return stream.next()
    }
    let order = (0..<rowCount).sorted { (draws[$0], $0) < (draws[$1], $1) }
    return DataSplit(order: order, fractions)
  }

  /// Splits by time: the newest rows are the test rows, those just before them validate. Rows of
  /// the same date keep the order of the file.
  static func byDate(_ dates: [Int64], _ fractions: SplitFractions) -> DataSplit {
    let newestFirst = dates.indices.sorted { (dates[$1], $1) < (dates[$0], $0) }
    let flipped = DataSplit(
      order: newestFirst,
      SplitFractions(validation: fractions.test, test: fractions.validation))
    return DataSplit(
      training: flipped.training, validation: flipped.test, test: flipped.validation)
  }

  /// Takes the validation rows from the start of `order`, then the test rows.
  private init(order: [Int], _ fractions: SplitFractions) {
    func count(_ fraction: Double, atMost limit: Int) -> Int {
      guard fraction > 0, limit > 0 else { return 0 }
      return min(max(Int((fraction * Double(order.count)).rounded()), 1), limit)
    }
    let validating = count(fractions.validation, atMost: order.count - 1)
    let testing = count(fractions.test, atMost: order.count - 1 - validating)
    validation = order[..<validating].sorted()
    test = order[validating..<validating + testing].sorted()
    training = order[(validating + testing)...].sorted()
  }
}
