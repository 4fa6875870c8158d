import Storage

// tokenizer.json, the form in which the Rust library `tokenizers` writes a tokenizer, and
// vocab.txt, that of the original BERT.

/// The content of a tokenizer.json.
struct TokenizerFile {
  private let root: JSONValue
  private let path: String

  init(_ root: JSONValue, path: String) {
    self.root = root
    self.path = path
  }

  /// Throws where the model or the way to split words is not BERT's.
  func checkIsBERT() throws {
    let type = root["model"]?["type"]?.string ?? WordPieceTokenizer.modelType
    guard type == WordPieceTokenizer.modelType else {
      throw TokenizerError.unsupported(path: path, problem: "the model is \(type)")
    }
    let splitting = root["pre_tokenizer"]?["type"]?.string ?? "missing"
    guard splitting == "BertPreTokenizer" else {
      throw TokenizerError.unsupported(path: path, problem: "the pre_tokenizer is \(splitting)")
    }
    if let prefix = root["model"]?["continuing_subword_prefix"]?.string, prefix != "##" {
      throw TokenizerError.unsupported(
        path: path, problem: "continuing_subword_prefix is \"\(prefix)\"")
    }
  }

  func vocabulary() throws -> Vocabulary {
    try Vocabulary(root["model"]?["vocab"]?.object, path: path)
  }

  /// The options that the file itself gives.
  func options() throws -> TokenizerOptions {
    var options = TokenizerOptions()
    let steps = try NormalizationStep.steps(root["normalizer"] ?? .null, path: path)
    if case .bert(let clean) = steps.first, steps.count == 1 {
      options.lowercases = clean.lowercases
      options.stripsAccents = clean.stripsAccents
      options.separatesIdeographs = clean.separatesIdeographs
      options.cleansText = clean.cleansText
    } else {
      options.normalizers = steps
    }
    if let limit = root["model"]?["max_input_chars_per_word"]?.integer {
      options.maximumCharactersPerWord = limit
    }
    if let unknown = root["model"]?["unk_token"]?.string { options.unknownToken = unknown }
    let frame = (root["post_processor"]?["single"]?.array ?? [])
      .compactMap { $0["SpecialToken"]?["id"]?.string }
    if frame.count == 2 {
      options.classToken = frame[0]
      options.separatorToken = frame[1]
    }
    return options
  }
}

extension Vocabulary {
  /// The pieces of a vocab.txt, one a line, whose number (from 0) is the id. White space at the
  /// end of a line, so also a carriage return, is not part of the piece; empty lines are counted.
  init(contentsOf path: String) throws {
    let bytes = try readBytes(path)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw TokenizerError.malformed(path: path, problem: "is not UTF-8")
    }
    var lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
    if lines.last?.isEmpty ?? false { lines.removeLast() }
    guard !lines.isEmpty else {
      throw TokenizerError.malformed(path: path, problem: "is empty")
    }
    self.init(
      pieces: lines.enumerated().map { index, line in
        var piece = line
        while let last = piece.last, last.properties.isWhitespace { piece.removeLast() }
        return Piece(bytes: Array(String(piece).utf8), id: Int32(index))
      })
  }
}
