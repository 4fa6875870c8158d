// How a directory says that rows are pooled.

import Storage

extension ModelDirectory {
  /// As a saved model was trained; for a sentence encoder as that was; else `cls`. Throws
  /// `ModelError` where that is something that is not done here.
  public func pooling() throws(ModelError) -> Pooling {
    let file = "\(path)/config.json"
    if ModelDescription.hasOwnType(json) {
      let value = json[ModelDescription.poolingKey] ?? .null
      guard let pooling = value.string.flatMap(Pooling.init) else {
        throw .badConfiguration(
          path: file, key: ModelDescription.poolingKey,
          wanted: Pooling.allCases.map(\.rawValue).joined(separator: ", "), found: value)
      }
      return pooling
    }
    let classes = json["architectures"]?.array?.compactMap(\.string) ?? []
    if let former = classes.lazy.compactMap({ Pooling.byFormerClass[$0] }).first { return former }
    return try sentenceModules?.pooling() ?? .cls
  }

  /// Modules of a sentence encoder that are left out, by name: "Dense", "Normalize".
  public var unusedModules: [String] { sentenceModules?.others ?? [] }
}
