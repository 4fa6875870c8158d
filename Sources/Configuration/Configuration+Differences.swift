import Storage

/// A key that two configurations give different values.
public struct ConfigurationDifference: Sendable, Equatable, CustomStringConvertible {
  /// The path of the key, its parts joined by dots.
  public let key: String
  /// The value that the run began with.
  public let old: JSONValue
  /// The value that it is resumed with.
  public let new: JSONValue
  /// Whether the run may go on with the new value: it says how long the run goes on, how often it
  /// looks or what it keeps, and leaves the meaning of what was saved alone.
  public let isHarmless: Bool

  /// The key with both values.
  public var description: String { "\(key): \(old.text()) → \(new.text())" }

  func inside(_ section: String) -> ConfigurationDifference {
    ConfigurationDifference(key: "\(section).\(key)", old: old, new: new, isHarmless: isHarmless)
  }
}

extension Configuration {
  /// The keys whose values differ from those of `old`, the configuration that the run began with,
  /// in the documented order.
  public func differences(from old: Configuration) -> [ConfigurationDifference] {
    Self.keys.flatMap { $0.differences(old, self) }
  }
}
