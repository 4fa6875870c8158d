// A saved model's tokenizer says how long its rows are at most, so that `truncation=True` cuts
// where training cut.

import Storage

extension [TokenizerFileContent] {
  private static let configurationName = "tokenizer_config.json"

  /// The files of a tokenizer, with `model_max_length` in tokenizer_config.json. The class stands
  /// there, too: where the model is of a type that Hugging Face does not know, nothing else tells
  /// it.
  package func with(maximumLength: Int) -> [TokenizerFileContent] {
    guard !isEmpty else { return [] }
    let place = firstIndex { $0.name == Self.configurationName }
    let known = place.flatMap { try? JSONValue(parsing: self[$0].bytes).object }
    var json = known ?? JSONObject()
    json["model_max_length"] = .integer(maximumLength)
    if json["tokenizer_class"] ?? .null == .null { json["tokenizer_class"] = "BertTokenizer" }
    let text = JSONValue.object(json).text(pretty: true) + "\n"
    let file = TokenizerFileContent(name: Self.configurationName, bytes: [UInt8](text.utf8))
    var files = self
    if let place { files[place] = file } else { files.append(file) }
    return files
  }
}
