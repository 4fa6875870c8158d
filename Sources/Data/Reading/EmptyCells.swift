/// What a label cell that holds nothing says.
public enum EmptyCells: String, Sendable, CaseIterable {
  /// The row is refused.
  case error
  /// Nobody knows whether the label holds.
  case unknown
}
