// What a sentence encoder does after its last hidden states, as sentence-transformers writes it:
// `modules.json` lists the modules, and the one for pooling has a `config.json` in a folder of its
// own.

import Storage

/// The modules of a sentence encoder behind its transformer.
struct SentenceModules {
  /// How rows are pooled, by the names of sentence-transformers: "mean", "cls", "max", …
  let modes: [String]
  /// The other modules, in order: "Dense", "Normalize", …
  let others: [String]
  /// The file that names the modes.
  let path: String

  /// Those of a directory; nil where it is no sentence encoder's. Throws `ModelError` and the
  /// errors of reading.
  init?(directory: String) throws {
    let list = "\(directory)/modules.json"
    var (folder, others) = ("1_Pooling", [String]())
    if fileKind(list) != nil {
      guard let modules = try JSONValue(contentsOf: list).array else {
        throw ModelError.unsupported(path: list, "wanted an array of modules")
      }
      let named = try modules.map { try Self.module($0, path: list) }
      if let pooling = named.first(where: { $0.type == "Pooling" }) { folder = pooling.path }
      others = named.map(\.type).filter { !["Transformer", "Pooling"].contains($0) }
    }
    let file = "\(directory)/\(folder)/config.json"
    guard fileKind(file) != nil else {
      guard !others.isEmpty else { return nil }
      (modes, self.others, path) = ([], others, list)
      return
    }
    modes = try Self.modes(JSONValue(contentsOf: file), path: file)
    (self.others, path) = (others, file)
  }

  /// A module's class without its package, and its folder.
  private static func module(
    _ json: JSONValue, path: String
  ) throws(ModelError) -> (type: String, path: String) {
    guard let type = json["type"]?.string, let folder = json["path"]?.string else {
      throw .unsupported(path: path, "wanted modules with \"type\" and \"path\"")
    }
    return (type.split(separator: ".").last.map(String.init) ?? type, folder)
  }

  /// Names of modes by the keys that stand for them before sentence-transformers 5.4, in the order
  /// in which what they give is put together.
  private static let formerKeys: [(key: String, mode: String, standard: Bool)] = [
    ("pooling_mode_cls_token", "cls", false),
    ("pooling_mode_max_tokens", "max", false),
    ("pooling_mode_mean_tokens", "mean", true),
    ("pooling_mode_mean_sqrt_len_tokens", "mean_sqrt_len_tokens", false),
    ("pooling_mode_weightedmean_tokens", "weightedmean", false),
    ("pooling_mode_lasttoken", "lasttoken", false),
  ]

  /// One mode as a string, several as an array, or a key for each.
  private static func modes(_ json: JSONValue, path: String) throws(ModelError) -> [String] {
    func unreadable(_ key: String, _ wanted: String, _ value: JSONValue) -> ModelError {
      .badConfiguration(path: path, key: key, wanted: wanted, found: value)
    }
    if let value = json["pooling_mode"], value != .null {
      let names = value.string.map { [$0] } ?? value.array?.compactMap(\.string)
      guard let names, !names.isEmpty, names.count == value.array?.count ?? 1 else {
        throw unreadable("pooling_mode", "the name of a mode, or an array of names", value)
      }
      return names
    }
    var modes: [String] = []
    for (key, mode, standard) in formerKeys {
      switch json[key] {
      case nil, .null: if standard { modes.append(mode) }
      case .bool(let isOn): if isOn { modes.append(mode) }
      case .some(let value): throw unreadable(key, "true or false", value)
      }
    }
    return modes
  }

  /// The head that reads what they give. Throws `ModelError` where there is none.
  func pooling() throws(ModelError) -> Pooling {
    switch modes {
    case ["mean"]: return .mean
    case ["cls"]: return .first
    case []: return .cls
    default:
      throw .unsupported(
        path: path,
        "pools by \(modes.joined(separator: " and ")), which is not done here: set model.pooling to "
          + "\"mean\", \"first\", \"cls\" or \"label_attention\"")
    }
  }
}
