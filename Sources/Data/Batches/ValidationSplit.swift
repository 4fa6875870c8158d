/// A division of rows into those to train on and those to validate on.
public struct ValidationSplit: Equatable, Sendable {
  /// Rows to train on, ascending.
  public let training: [Int]
  /// Rows to validate on, ascending.
  public let validation: [Int]

  /// Splits `rowCount` rows. Each row draws a number from its own index and the seed, and the
  /// `fraction` of the rows with the smallest numbers validate: the nearest whole number of rows,
  /// but one at least on either side where there are two rows and the fraction is positive.
  public init(rowCount: Int, fraction: Double, seed: UInt64) {
    precondition(rowCount >= 0 && fraction >= 0 && fraction < 1, "a fraction of \(fraction)")
    var count = Int((fraction * Double(rowCount)).rounded())
    if fraction > 0, rowCount > 1 { count = min(max(count, 1), rowCount - 1) }
    let draws = (0..<rowCount).map { row in
      var stream = SplitMix64(seed: seed, stream: RandomStream.split, index: UInt64(row))
      return stream.next()
    }
    let order = (0..<rowCount).sorted { (draws[$0], $0) < (draws[$1], $1) }
    validation = order.prefix(count).sorted()
    training = order.dropFirst(count).sorted()
  }
}

/// The purposes for which this module draws random numbers, so that no two share a stream.
enum RandomStream {
  static let split: UInt64 = 0x5350_4C49
  static let shuffle: UInt64 = 0x5348_5546
  static let repeatOrder: UInt64 = 0x5250_4F52
  static let repeatOffset: UInt64 = 0x5250_4F46
}
