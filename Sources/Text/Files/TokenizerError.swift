/// Why a tokenizer could not be made.
public enum TokenizerError: Error, Equatable, CustomStringConvertible {
  /// None of the files that could hold the vocabulary exists in `directory`.
  case missingFile(directory: String, names: [String])
  /// `path` exists but could not be read.
  case unreadable(path: String, reason: String)
  /// The content of `path` is damaged: not UTF-8, not JSON, a value of the wrong type.
  case malformed(path: String, problem: String)
  /// `path` asks for a way to tokenize that is not known here.
  case unsupported(path: String, problem: String)
  /// `token`, which has the given role, is not in the vocabulary that came from `source`.
  case missingSpecialToken(token: String, role: String, source: String)

  /// What is wrong, in which file, and what to do.
  public var description: String {
    switch self {
    case .missingFile(let directory, let names):
      return "\(directory): no \(names.joined(separator: " and no ")); the tokenizer of "
        + "a model is in one of them, copy it there"
    case .unreadable(let path, let reason):
      return "\(path): cannot read: \(reason)"
    case .malformed(let path, let problem):
      return "\(path): \(problem)"
    case .unsupported(let path, let problem):
      return "\(path): \(problem); such a tokenizer cannot be used, take a model with another"
    case .missingSpecialToken(let token, let role, let source):
      return "\(source): the vocabulary has no \(token), the \(role); add it, or name another "
        + "in tokenizer_config.json (\(role.replacing(" ", with: "_")))"
    }
  }
}
