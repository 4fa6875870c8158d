/// A number in the config that belongs to one loss or one weighting.
public struct NumericOption: Sendable {
  /// Its key, as the user writes it.
  public let name: String
  /// What it is where the config is silent.
  public let defaultValue: Double
  /// What is allowed, both ends included.
  public let range: ClosedRange<Double>

  /// An option `name`.
  public init(_ name: String, _ defaultValue: Double, in range: ClosedRange<Double>) {
    self.name = name
    self.defaultValue = defaultValue
    self.range = range
  }
}

/// Every option of a loss or weighting with its value.
public struct OptionValues: Sendable, Equatable {
  private var values: [String: Double] = [:]

  /// Fills in defaults. Throws `ObjectiveError` for options that do not exist or are out of range;
  /// `key` is the place in the config for the message.
  public init(_ given: [String: Double], of options: [NumericOption], key: String) throws {
    let known = options.map(\.name)
    if let name = given.keys.sorted().first(where: { !known.contains($0) }) {
      throw ObjectiveError.unknownOption(key: key, option: name, known: known)
    }
    for option in options {
      let value = given[option.name] ?? option.defaultValue
      guard option.range.contains(value) else {
        throw ObjectiveError.optionOutOfRange(
          key: "\(key).\(option.name)", value: value, range: option.range)
      }
      values[option.name] = value
    }
  }

  /// The value of an option that the owner declared; asking for another is a fault of the program.
  public subscript(name: String) -> Double {
    guard let value = values[name] else { preconditionFailure("undeclared option \(name)") }
    return value
  }
}
