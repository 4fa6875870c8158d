// Which tokenizer a directory holds.

import Storage

/// The tokenizer of a directory in the Hugging Face layout, with the token ids that
/// `AutoTokenizer.from_pretrained` gives there. Throws `TokenizerError`.
public func loadTokenizer(directory path: String) throws -> any Tokenizer {
  let directory = try TokenizerDirectory(path: path)
  if directory.isPlainBERT { return try WordPieceTokenizer(directory) }
  return try PipelineTokenizer(directory)
}

extension TokenizerDirectory {
  /// Whether the tokenizer is the one that `WordPieceTokenizer` is quick at.
  fileprivate var isPlainBERT: Bool {
    switch tokenizerClass {
    case .bert: true
    case .named: false
    case .generic: tokenizer.map { Self.isPlainBERT($0) } ?? files.contains("vocab.txt")
    }
  }

  private static func isPlainBERT(_ tokenizer: JSONValue) -> Bool {
    let model = tokenizer["model"]
    let processor = tokenizer["post_processor"]
    let template = processor?["single"]?.array ?? []
    guard model?["type"]?.string ?? "WordPiece" == "WordPiece",
      model?["vocab"]?.object != nil, model?["merges"] == nil,
      model?["continuing_subword_prefix"]?.string ?? "##" == "##",
      tokenizer["pre_tokenizer"]?["type"]?.string == "BertPreTokenizer",
      processor?["type"]?.string == "TemplateProcessing", template.count == 3,
      template[1]["Sequence"]?["id"]?.string == "A"
    else { return false }
    return [template[0], template[2]].allSatisfy { part in
      guard let name = part["SpecialToken"]?["id"]?.string,
        let ids = processor?["special_tokens"]?[name]?["ids"]?.array
      else { return false }
      return ids.count == 1 && ids[0].tokenID == model?["vocab"]?[name]?.tokenID
    }
  }
}
