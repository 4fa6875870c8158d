// Tokenizers in files: saving, and the messages for damaged ones.

import Foundation
import Testing
import Text

private let vocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n"

/// The message of the error that a directory with these files gives.
private func message(_ files: [String: String]) throws -> String {
  try withDirectory(files) { directory in
    let error = #expect(throws: TokenizerError.self) { try loadTokenizer(directory: directory) }
    return error.map { "\($0)".replacing(directory, with: "DIR") } ?? ""
  }
}

@Test func damagedDirectoriesNameTheFileAndTheProblem() throws {
  #expect(try message([:]).hasPrefix("DIR: no tokenizer.json and no vocab.txt"))
  #expect(try message(["vocab.txt": ""]) == "DIR/vocab.txt: is empty")
  #expect(
    try message(["vocab.txt": vocabulary.replacing("[UNK]", with: "x")])
      .hasPrefix("DIR/vocab.txt: the vocabulary has no [UNK], the unk token"))
  #expect(
    try message(["vocab.txt": vocabulary.replacing("[CLS]", with: "x")])
      .contains("name another in tokenizer_config.json (cls_token)"))
  #expect(
    try message(["vocab.txt": vocabulary.replacing("[SEP]", with: "x")]).contains("no [SEP]"))
  #expect(
    try message(["vocab.txt": vocabulary, "tokenizer_config.json": "{\"do_lower_case\":\n1}"])
      == "DIR/tokenizer_config.json: do_lower_case must be true or false, but is an integer")
  #expect(
    try message(["vocab.txt": vocabulary, "tokenizer_config.json": "{\"a\":\n\n[1,}"])
      .hasPrefix("DIR/tokenizer_config.json: is not JSON: line 3, "))
  #expect(
    try message(["tokenizer.json": "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0}}}"])
      .hasPrefix("DIR/tokenizer.json: has no merges"))
  #expect(
    try message(["tokenizer.json": "{\"model\":{\"type\":\"Unigram\"}}", "vocab.txt": vocabulary])
      .hasPrefix("DIR/tokenizer.json: has no vocabulary (model.vocab)"))
  #expect(
    try message(["tokenizer.json": "{\"model\":{\"type\":\"WordPiece\",\"vocab\":{}}}"])
      == "DIR/tokenizer.json: has no vocabulary (model.vocab)")
  #expect(
    try message(["tokenizer.json": "[]"])
      == "DIR/tokenizer.json: holds an array, not an object")
}

@Test func aClassWithRulesOfItsOwnIsNamed() throws {
  let japanese = #"{"tokenizer_class": "BertJapaneseTokenizer"}"#
  #expect(
    try message(["vocab.txt": vocabulary, "tokenizer_config.json": japanese])
      .hasPrefix("DIR/tokenizer_config.json: tokenizer_class is BertJapaneseTokenizer"))
  #expect(
    try message(["vocab.txt": vocabulary, "config.json": japanese])
      .hasPrefix("DIR/config.json: tokenizer_class is BertJapaneseTokenizer"))
  for name in ["BertTokenizer", "BertTokenizerFast", "DistilBertTokenizerFast"] {
    let files = [
      "vocab.txt": vocabulary, "tokenizer_config.json": #"{"tokenizer_class": "\#(name)"}"#,
    ]
    try withDirectory(files) { _ = try loadTokenizer(directory: $0) }
  }
}

@Test func savedFilesSayHowLongRowsAre() throws {
  func configuration(_ files: [String: String]) throws -> [String: Any] {
    try withDirectory(files) { directory in
      let saved = try loadTokenizer(directory: directory).fileContents().with(maximumLength: 48)
      #expect(Set(saved.map(\.name)) == Set(files.keys).union(["tokenizer_config.json"]))
      let file = try #require(saved.first { $0.name == "tokenizer_config.json" })
      return try #require(
        try JSONSerialization.jsonObject(with: Data(file.bytes)) as? [String: Any])
    }
  }
  let made = try configuration(["vocab.txt": vocabulary])
  #expect(made["model_max_length"] as? Int == 48)
  #expect(made["tokenizer_class"] as? String == "BertTokenizer")
  let kept = try configuration([
    "vocab.txt": vocabulary,
    "tokenizer_config.json":
      #"{"do_lower_case": false, "model_max_length": 1000000000000000019884624838656}"#,
  ])
  #expect(kept["model_max_length"] as? Int == 48 && kept["do_lower_case"] as? Bool == false)
}

@Test func filesThatAreNotUTF8AreRefused() throws {
  try withDirectory([:]) { directory in
    let path = "\(directory)/vocab.txt"
    try Foundation.Data([0x61, 0xFF, 0x0A]).write(to: URL(fileURLWithPath: path))
    #expect(throws: TokenizerError.malformed(path: path, problem: "is not UTF-8")) {
      try WordPieceTokenizer(directory: directory)
    }
  }
}

@Test func savedFilesGiveTheSameTokenizer() throws {
  var options = TokenizerOptions(
    lowercases: false, stripsAccents: true, separatesIdeographs: false, truncatesLeft: true)
  options.classToken = "<\"s\\>"
  let made = try WordPieceTokenizer(
    vocabulary: ["[UNK]", "[SEP]", "<\"s\\>", "a", "##b", "[PAD]"], options: options,
    addedTokens: [
      AddedToken("[PAD]", stripsLeft: true), AddedToken("\u{1}x", normalized: true),
      AddedToken("[UNK]"), AddedToken("[SEP]"), AddedToken("<\"s\\>"),
    ])
  var files: [String: String] = [:]
  for file in try made.fileContents() {
    files[file.name] = String(decoding: file.bytes, as: UTF8.self)
  }
  #expect(Set(files.keys) == Set(made.files))
  try withDirectory(files) { directory in
    let read = try WordPieceTokenizer(directory: directory)
    #expect(read.options == made.options)
    #expect(read.vocabularyCount == made.vocabularyCount)
    for text in ["ab [PAD] é\u{1}x", "中文 <\"s\\> a a a a a"] {
      #expect(read.encode(text, maxLength: 6) == made.encode(text, maxLength: 6))
    }
    let again = try WordPieceTokenizer(directory: directory)
    #expect(read.fingerprint == again.fingerprint)
  }
}

@Test func aVocabularyFileAloneMakesATokenizer() throws {
  try withDirectory(["words.txt": vocabulary]) { directory in
    let tokenizer = try WordPieceTokenizer(vocabularyFile: "\(directory)/words.txt")
    #expect(tokenizer.encode("A [MASK]", maxLength: 8) == [2, 5, 4, 3])
    #expect(tokenizer.files == ["vocab.txt", "tokenizer_config.json"])
  }
}
