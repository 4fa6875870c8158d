// Parts of tokenizer.json by themselves: what is done, and what is refused by its name.

import Foundation
import Testing
import Text

/// A tokenizer.json that knows every word by one token.
private func file(
  normalizer: String = "null", preTokenizer: String = "null", model: String? = nil,
  processor: String = "null"
) -> [String: String] {
  let words = #"{"type": "WordLevel", "unk_token": "u", "vocab": {"u": 0, "a": 1}}"#
  return [
    "tokenizer.json": """
    {"normalizer": \(normalizer), "pre_tokenizer": \(preTokenizer), "model": \(model ?? words), \
    "post_processor": \(processor), "added_tokens": []}
    """,
    "tokenizer_config.json": #"{"tokenizer_class": "PreTrainedTokenizerFast"}"#,
  ]
}

/// The message of the error that a directory with these files gives.
private func message(_ files: [String: String]) throws -> String {
  try withDirectory(files) { directory in
    let error = #expect(throws: TokenizerError.self) { try loadTokenizer(directory: directory) }
    return error.map { "\($0)".replacing(directory, with: "DIR") } ?? ""
  }
}

private func words(_ text: String, _ files: [String: String]) throws -> [String] {
  try withDirectory(files) { directory in
    try #require(try loadTokenizer(directory: directory) as? PipelineTokenizer).words(of: text)
  }
}

private func split(_ pattern: String, _ behavior: String = "Isolated") -> [String: String] {
  let expression = pattern.replacing(#"\"#, with: #"\\"#)
  return file(
    preTokenizer:
      #"{"type": "Split", "pattern": {"Regex": "\#(expression)"}, "behavior": "\#(behavior)"}"#)
}

@Test func whatIsNotUnderstoodIsRefusedByItsName() throws {
  let cases = [
    (file(normalizer: #"{"type": "Sloppy"}"#), "the normalizer is Sloppy"),
    (file(normalizer: #"{"type": "Precompiled"}"#), "precompiled_charsmap is damaged"),
    (file(preTokenizer: #"{"type": "UnicodeScripts"}"#), "the pre_tokenizer is UnicodeScripts"),
    (
      file(preTokenizer: #"{"type": "Punctuation", "behavior": "Odd"}"#),
      #"the pre_tokenizer has the behavior "Odd""#
    ),
    (file(model: #"{"type": "Magic", "vocab": {"a": 0}}"#), "the model is Magic"),
    (
      file(model: #"{"type": "BPE", "vocab": {"a": 0}, "merges": [], "dropout": 0.1}"#),
      "the model has a dropout"
    ),
    (
      file(model: #"{"type": "BPE", "vocab": {"a": 0}, "merges": ["a b"]}"#),
      "merge 0, which gives \"ab\", has pieces that the vocabulary lacks"
    ),
    (
      file(model: #"{"type": "Unigram", "vocab": [["a", 0.5]], "unk_id": 3}"#),
      "the model has no unk_id among its pieces"
    ),
    (
      file(model: #"{"type": "WordLevel", "unk_token": "z", "vocab": {"a": 0}}"#),
      "the vocabulary has no z, the unk token"
    ),
    (file(processor: #"{"type": "Other"}"#), "the post_processor is Other"),
    (split(#"^a"#), #"holds ^, which is not understood"#),
    (split(#"a(?<=b)"#), "which is not understood"),
    (split(#"\p{Klingon}"#), #"\p{Klingon}"#),
    (split(#"a*"#), "a match of nothing"),
  ]
  for (files, problem) in cases {
    let found = try message(files)
    #expect(found.contains(problem) && found.hasPrefix("DIR/tokenizer.json: "), "\(found)")
  }
}

@Test func aClassWithoutItsFilesNamesThem() throws {
  func missing(_ name: String) throws -> String {
    try message(["tokenizer_config.json": #"{"tokenizer_class": "\#(name)"}"#])
  }
  #expect(try missing("RobertaTokenizer").contains("no vocab.json and no merges.txt"))
  #expect(try missing("XLMRobertaTokenizerFast").contains("no sentencepiece.bpe.model"))
  #expect(
    try message([
      "tokenizer_config.json": #"{"tokenizer_class": "XLMRobertaTokenizer"}"#,
      "sentencepiece.bpe.model": "version https",
    ]).hasPrefix("DIR/sentencepiece.bpe.model: is no SentencePiece model"))
}

@Test func expressionsMatchAsTheyDoElsewhere() throws {
  #expect(try words("ab1 22", split(#"\d"#)) == ["ab", "1", " ", "2", "2"])
  #expect(try words("aaab", split(#"a{2}"#)) == ["aa", "ab"])
  #expect(try words("xaby", split(#"a(?:bc|b)"#, "Removed")) == ["x", "y"])
  #expect(try words("a  b", split(#"\s+(?!\S)|\s"#)) == ["a", " ", " ", "b"])
  #expect(try words("it'S X", split(#"(?i:'s)"#, "MergedWithPrevious")) == ["it'S", " X"])
  #expect(try words("aab", split(#"a++ab|b"#, "Removed")) == ["aa"])
  #expect(try words("<<a>>", split(#"<.+?>"#, "MergedWithNext")) == ["<<a>>"])
  #expect(try words("abcABC", split(#"[^a-c]"#, "Contiguous")) == ["abc", "ABC"])
  #expect(
    try words("x\u{e9}y", split(#"[\xE9z]"#.replacing(#"\xE9"#, with: #"\u00E9"#)))
      == ["x", "\u{e9}", "y"])
}

@Test func theQuickWayOfGPT2IsItsExpression() throws {
  let pattern = #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#
  let texts = try fixture("kinds", as: Kinds.self).texts
  let quick = file(preTokenizer: #"{"type": "ByteLevel", "add_prefix_space": false}"#)
  // Only a BPE model reads bytes; another sees them in their alphabet.
  let model = #"{"type": "BPE", "vocab": {"a": 0}, "merges": []}"#
  let bytes = file(
    preTokenizer: #"{"type": "ByteLevel", "add_prefix_space": false}"#, model: model)
  #expect(try words(" é", quick) == ["ĠÃ©"] && words(" é", bytes) == [" é"])
  for text in texts { #expect(try words(text, bytes) == words(text, split(pattern))) }
}

private struct ScalarKinds: Decodable {
  let blockSize: UInt32
  /// For each expression and block, the hash of what is left when its matches are removed.
  let blocks: [String: [String]]
}

/// All characters, each behind one that is none, in blocks.
private func blocks(_ size: UInt32) -> [String] {
  stride(from: UInt32(0), to: 0x11_0000, by: Int(size)).map { start in
    var bytes: [UInt8] = []
    for scalar in (start..<start + size).lazy.compactMap(Unicode.Scalar.init) {
      bytes += [0xCD, 0xB8]
      bytes += UTF8.encode(scalar) ?? .init()
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

@Test func everyCharacterIsInTheSetsThatTokenizersKnows() throws {
  let expected = try fixture("scalar-kinds", as: ScalarKinds.self)
  let texts = blocks(expected.blockSize)
  #expect(expected.blocks.count > 25)
  for (name, hashes) in expected.blocks {
    let files =
      name.hasPrefix("{") ? file(preTokenizer: name) : split("(?:\(name))+", "Removed")
    try withDirectory(files) { directory in
      let tokenizer = try #require(
        try loadTokenizer(directory: directory) as? PipelineTokenizer)
      #expect(hashes.count == texts.count)
      for (block, hash) in hashes.enumerated() {
        let found = fnv(tokenizer.words(of: texts[block]).joined(separator: "|")).prefix(8)
        #expect(found == hash, "\(name), block \(block)")
      }
    }
  }
}
