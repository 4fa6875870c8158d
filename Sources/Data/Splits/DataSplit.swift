import Memory
import Storage

/// The shares of the rows that are set aside, each at least 0, together less than 1.
public struct SplitFractions: Equatable, Sendable {
  /// To choose the best model and thresholds by.
  public let validation: Double
  /// To report figures of.
  public let test: Double

  /// The shares of all rows.
  public init(validation: Double, test: Double = 0) {
    precondition(validation >= 0 && test >= 0 && validation + test < 1)
    self.validation = validation
    self.test = test
  }
}

/// How rows are set aside.
public enum SplitRule: String, Sendable, CaseIterable {
  /// Each part has its share of the positives of every label, and equal texts stay together.
  case stratified
  /// By a number that each row draws.
  case random
}

/// A division of rows into those to train on, to validate on and to test on.
public struct DataSplit: Equatable, Sendable {
  /// Rows to train on, ascending.
  public let training: [Int]
  /// Rows to validate on, ascending.
  public let validation: [Int]
  /// Rows to test on, ascending.
  public let test: [Int]

  /// Number of rows that were divided.
  public var rowCount: Int { training.count + validation.count + test.count }

  /// A division as it is.
  init(training: [Int], validation: [Int], test: [Int]) {
    (self.training, self.validation, self.test) = (training, validation, test)
  }

  /// Divides the rows of a file: by time where they have dates, else by the rule. Rows of one group
  /// are never divided by the stratified rule. The same for the same rows and seed.
  public init(
    _ dataset: Dataset, _ fractions: SplitFractions, by rule: SplitRule, seed: UInt64
  ) {
    if let dates = dataset.stored.splitKeys.dates {
      self = .byDate(
        (0..<dataset.rowCount).map { dates[dataset.storedRow($0)] }, fractions)
      return
    }
    self =
      switch rule {
      case .random: .random(rowCount: dataset.rowCount, fractions, seed: seed)
      case .stratified: StratifiedSplit(dataset, fractions, seed: seed).split
      }
  }

  /// The name of each row's part, for all rows that were divided.
  private var partNames: [String] {
    var names = [String](
      repeating: "train", count: rowCount)
    for row in validation { names[row] = "validation" }
    for row in test { names[row] = "test" }
    return names
  }

  /// The part of each row of the file that was divided, as CSV with a header: `row` counts from 0.
  /// - Parameter dataset: any part of that file.
  public func csv(of dataset: Dataset) -> String {
    let lines = partNames.enumerated().map { row, part in
      "\(row),\(csvField(dataset.stored.id(row))),\(part)\r\n"
    }
    return "row,id,part\r\n" + lines.joined()
  }
}
