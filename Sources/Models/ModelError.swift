import Storage

/// What can be wrong with a model's directory.
public enum ModelError: Error, CustomStringConvertible {
  /// A file that a model directory must hold is not there.
  case missingFile(path: String, hint: String)
  /// A key of the model's `config.json` has an impossible value.
  case badConfiguration(path: String, key: String, wanted: String, found: JSONValue)
  /// The model is of a kind that this program does not train.
  case unsupported(path: String, String)
  /// A weight is not in the file.
  case missingTensor(path: String, name: String)
  /// A weight has another shape than the configuration says.
  case wrongShape(path: String, name: String, wanted: [Int], found: [Int])
  /// The model and its vocabulary, or its labels, do not fit.
  case mismatch(path: String, String)

  /// A sentence that names the file and what to do.
  public var description: String {
    switch self {
    case .missingFile(let path, let hint):
      return "\(path): no such file; \(hint)"
    case .badConfiguration(let path, let key, let wanted, let found):
      return "\(path): \(key): wanted \(wanted), found \(found.text())"
    case .unsupported(let path, let problem):
      return "\(path): \(problem)"
    case .missingTensor(let path, let name):
      return "\(path): holds no tensor \(name) (nor an older name of it)"
    case .wrongShape(let path, let name, let wanted, let found):
      return "\(path): tensor \(name): wanted shape \(wanted), found \(found)"
    case .mismatch(let path, let problem):
      return "\(path): \(problem)"
    }
  }
}
