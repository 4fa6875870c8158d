/// What can be wrong with a loss, its weights or what it is fed. All but `nonFiniteLogit` are
/// mistakes in the config.
public enum ObjectiveError: Error, Equatable, CustomStringConvertible {
  /// The config asks for `name` under `key`; `known` are the names that exist.
  case unknownName(key: String, name: String, known: [String])
  /// `key` does not take an option `option`; `known` are those that it takes.
  case unknownOption(key: String, option: String, known: [String])
  /// An option outside of its range.
  case optionOutOfRange(key: String, value: Double, range: ClosedRange<Double>)
  /// The lower clamp of the weights lies above the upper one.
  case clampsCross(minimum: Double, maximum: Double)
  /// Labels that the weight file does not mention: the first few and how many in all.
  case missingWeights(first: [String], count: Int)
  /// Names in the weight file that are no labels: the first few and how many in all.
  case unknownWeights(first: [String], count: Int)
  /// A weight in the file that is not a positive finite number.
  case invalidWeight(label: String, value: Double)
  /// The model gave NaN or infinity: training diverged.
  case nonFiniteLogit(row: Int, label: Int, value: Float)

  /// One sentence: what is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .unknownName(let key, let name, let known):
      "\(key): \"\(name)\" does not exist; choose one of \(known.joined(separator: ", "))"
    case .unknownOption(let key, let option, let known):
      known.isEmpty
        ? "\(key) takes no options, but \"\(option)\" is given; remove it"
        : "\(key) takes no option \"\(option)\"; it takes \(known.joined(separator: ", "))"
    case .optionOutOfRange(let key, let value, let range):
      "\(key) is \(value); it must lie in \(range.lowerBound) to \(range.upperBound)"
    case .clampsCross(let minimum, let maximum):
      "loss.pos_weight: min (\(minimum)) is greater than max (\(maximum)); exchange them"
    case .missingWeights(let first, let count):
      "loss.pos_weight.file: \(count) labels of the data have no weight in the file, "
        + "the first: \(quoted(first)); add them"
    case .unknownWeights(let first, let count):
      "loss.pos_weight.file: \(count) names in the file are not labels of the data, "
        + "the first: \(quoted(first)); remove or correct them"
    case .invalidWeight(let label, let value):
      "loss.pos_weight.file: the weight of \"\(label)\" is \(value); "
        + "a weight must be a positive finite number"
    case .nonFiniteLogit(let row, let label, let value):
      "the model's output is \(value) (row \(row), label index \(label)); training diverged: "
        + "lower the learning rate or the largest pos_weight"
    }
  }

  private func quoted(_ names: [String]) -> String {
    names.map { "\"\($0)\"" }.joined(separator: ", ")
  }
}
