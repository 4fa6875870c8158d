// Any bytes as a text, and as the files of a tokenizer: tokenizer.json, vocab.txt, a SentencePiece
// model. Token ids are those of the vocabulary, between the special tokens, at most as many as
// asked for; a shorter limit cuts, and changes nothing before the cut.

import Foundation
import FuzzSupport
import Text

private let pieces =
  ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "un", "##aff", "##able", "é", "日"]
  + (UInt8(33)..<127).flatMap { byte in
    let letter = Character(UnicodeScalar(byte))
    return ["\(letter)", "##\(letter)"]
  }

private let tokenizers = [true, false].map { lowercases in
  var options = TokenizerOptions()
  options.lowercases = lowercases
  guard let tokenizer = try? WordPieceTokenizer(vocabulary: pieces, options: options) else {
    fatalError("the vocabulary makes no tokenizer")
  }
  return tokenizer
}
private let directory = "\(ScratchFile("tokenizer").path).d"
private let isReady: Bool =
  (try? FileManager.default.createDirectory(
    atPath: directory, withIntermediateDirectories: true)) != nil

/// Files of which one is fuzzed: its name, and the class that reads it.
private let definitions = [
  ("tokenizer.json", "BertTokenizer"), ("tokenizer.json", "PreTrainedTokenizerFast"),
  ("tokenizer.json", "XLMRobertaTokenizer"), ("tokenizer.json", "RobertaTokenizer"),
  ("vocab.txt", "BertTokenizer"), ("sentencepiece.bpe.model", "XLMRobertaTokenizer"),
  ("spiece.model", "AlbertTokenizer"), ("tokenizer.model", "LlamaTokenizer"),
]

/// A tokenizer of several parts, for texts.
private let pipeline: (any Tokenizer)? = {
  let vocabulary = (["u", "▁", "▁a", "é"] + (33..<127).map { String(UnicodeScalar(UInt8($0))) })
    .filter { !"\"\\".contains($0) }.map { "[\"\($0)\", -\($0.utf8.count).5]" }
  let file = """
    {"normalizer": {"type": "Sequence", "normalizers": [{"type": "NFKC"}, {"type": "Lowercase"}]}, \
    "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Split", "pattern": {"Regex": \
    " ?\\\\p{L}+|\\\\s+(?!\\\\S)"}, "behavior": "Isolated"}, {"type": "Metaspace"}]}, \
    "model": {"type": "Unigram", "unk_id": 0, "vocab": [\(vocabulary.joined(separator: ", "))]}, \
    "added_tokens": [{"id": 99, "content": "Ab", "normalized": true, "lstrip": true}]}
    """
  return load("tokenizer.json", Array(file.utf8), as: "PreTrainedTokenizerFast")
}()

/// Checks one input; called by libFuzzer.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let data, count > 0 else { return 0 }
  let rest = Array(UnsafeBufferPointer(start: data + 1, count: count - 1))
  let choice = Int(data[0] % 16)
  if choice < definitions.count {
    let (name, tokenizerClass) = definitions[choice]
    if let tokenizer = load(name, rest, as: tokenizerClass) {
      encode(Array("the unaffable é日 [SEP] x\u{301} 12".utf8), with: tokenizer)
    }
  } else if choice % 2 == 0, let pipeline {
    encode(rest, with: pipeline)
  } else {
    encode(rest, with: tokenizers[choice / 2 % 2])
  }
  return 0
}

private func encode(_ text: [UInt8], with tokenizer: any Tokenizer) {
  var whole: [Int32] = []
  var short: [Int32] = []
  tokenizer.encode(utf8: text.span, maxLength: .max, into: &whole)
  tokenizer.encode(utf8: text.span, maxLength: 8, into: &short)
  precondition(whole.allSatisfy { $0 >= 0 && $0 < tokenizer.vocabularyCount })
  precondition(short.count == min(whole.count, 8))
  let words = tokenizer.placedWords(utf8: text.span, maxLength: 8)
  precondition(words.flatMap { Array($0.tokens) } == Array(short.indices))
  precondition(words.allSatisfy { $0.bytes?.upperBound ?? 0 <= text.count })
  guard let tokenizer = tokenizer as? WordPieceTokenizer else { return }
  precondition(whole.first == tokenizer.classID && whole.last == tokenizer.separatorID)
  precondition(short.dropLast().elementsEqual(whole.prefix(short.count - 1)))
}

private func load(_ name: String, _ bytes: [UInt8], as tokenizerClass: String) -> (any Tokenizer)? {
  precondition(isReady)
  let configuration = "\(directory)/tokenizer_config.json"
  let path = "\(directory)/\(name)"
  FileManager.default.createFile(atPath: path, contents: Data(bytes))
  FileManager.default.createFile(
    atPath: configuration, contents: Data(#"{"tokenizer_class": "\#(tokenizerClass)"}"#.utf8))
  defer {
    try? FileManager.default.removeItem(atPath: path)
    try? FileManager.default.removeItem(atPath: configuration)
  }
  return try? loadTokenizer(directory: directory)
}
