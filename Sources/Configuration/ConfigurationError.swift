import Collectives
import Reporting

/// One thing that is wrong in a configuration.
public struct ConfigurationProblem: Sendable, Equatable, CustomStringConvertible {
  /// The path of the key, its parts joined by dots; empty for the configuration as a whole.
  public let key: String
  /// What is wrong with it, and what to do.
  public let message: String

  package init(key: String, message: String) {
    self.key = key
    self.message = message
  }

  /// The key and the message.
  public var description: String { key.isEmpty ? message : "\(key): \(message)" }
}

/// A configuration that cannot be used.
public enum ConfigurationError: ExitCoded, Equatable, CustomStringConvertible {
  /// The file does not exist.
  case fileMissing(path: String)
  /// The file exists and cannot be read.
  case unreadable(path: String, reason: String)
  /// The text is not JSON; `reason` names line and column.
  case notJSON(source: String, reason: String)
  /// A `--set` that cannot be understood or applied.
  case badOverride(text: String, reason: String)
  /// Keys that are unknown, missing, out of range or contradict one another: all of them.
  case invalid(source: String, problems: [ConfigurationProblem])
  /// Files or directories that the configuration names and that do not exist: all of them.
  case inputsMissing(problems: [ConfigurationProblem])
  /// A file of weights that cannot be used.
  case badWeights(path: String, reason: String)
  /// So many ranks cannot share so many microbatches.
  case ranks(count: Int, microbatches: Int)

  /// 66 for what does not exist, 74 for what cannot be read, 64 for a wrong `--set`, 65 for bad
  /// weights, 78 otherwise.
  public var exitCode: ExitCode {
    switch self {
    case .fileMissing, .inputsMissing: .missingInput
    case .unreadable: .inputOutput
    case .badOverride: .usage
    case .badWeights: .badData
    case .notJSON, .invalid, .ranks: .badConfiguration
    }
  }

  /// The message: one line, or a line for each problem if there are several.
  public var description: String {
    switch self {
    case .fileMissing(let path):
      "\(path): no such file; the path of a JSON file is wanted"
    case .unreadable(let path, let reason): "\(path): cannot be read: \(reason)"
    case .notJSON(let source, let reason): "\(source): not JSON: \(reason)"
    case .badOverride(let text, let reason): "--set \(text): \(reason)"
    case .invalid(let source, let problems): Self.list(problems, of: source)
    case .inputsMissing(let problems): Self.list(problems, of: nil)
    case .badWeights(let path, let reason): "loss.pos_weight.file: \(path): \(reason)"
    case .ranks(let count, let microbatches):
      "training.microbatches: "
        + CollectiveError.indivisible(microbatches: microbatches, ranks: count).description
    }
  }

  private static func list(_ problems: [ConfigurationProblem], of source: String?) -> String {
    let prefix = source.map { "\($0): " } ?? ""
    guard problems.count > 1 else { return prefix + (problems.first?.description ?? "") }
    let shown = problems.prefix(SettingsReader.mostProblems).map { "\n  \($0)" }.joined()
    let rest = problems.count - SettingsReader.mostProblems
    return "\(prefix)\(problems.count) problems:\(shown)" + (rest > 0 ? "\n  and \(rest) more" : "")
  }
}
