/// Why features could not be read.
public enum FeatureError: Error, Equatable, CustomStringConvertible {
  /// Line `line` (from 1) of the n-grams in `path` is not what this program writes there.
  case malformed(path: String, line: Int, problem: String)

  /// What is wrong, in which file and line, and what to do.
  public var description: String {
    switch self {
    case .malformed(let path, let line, let problem):
      "\(path):\(line): \(problem); the file is damaged or comes from another version, train the "
        + "model again or copy the file from where it was made"
    }
  }
}
