// What a sentence encoder did with texts before its transformer, as sentence-transformers writes
// it: `sentence_bert_config.json`, in older versions with the family's name in it.

import Storage

/// How a sentence encoder cut and changed texts.
public struct SentenceSettings: Sendable, Equatable {
  /// Tokens of its longest rows; nil where it does not say.
  public let maximumLength: Int?
  /// Whether it lowercased texts before its tokenizer read them.
  public let lowercases: Bool

  /// Those of a directory; nil where it is no sentence encoder's. Throws `ModelError` and the
  /// errors of reading.
  init?(directory: String, modelType: String) throws {
    let names = ["bert", modelType].map { "\(directory)/sentence_\($0)_config.json" }
    guard let file = names.first(where: { fileKind($0) != nil }) else { return nil }
    let reader = ConfigurationReader(json: try JSONValue(contentsOf: file), path: file)
    let length = try reader.whole("max_seq_length", in: 0...1_048_576, default: 0)
    maximumLength = length > 0 ? length : nil
    lowercases = try reader.flag("do_lower_case", default: false)
  }
}
