// Token ids against those of Hugging Face, from fixtures.

import Foundation
import Testing
import Text

private struct Hostile: Decodable {
  struct Case: Decodable {
    let name: String
    let maxLength: Int
    let doLowerCase: Bool?
    let stripAccents: Bool?
    let tokenizeChineseChars: Bool?
    let truncationSide: String?
    let ids: [[Int32]]
    /// Hashes of the words, joined by bars: [UNK] hides much of what happens to rare characters.
    let words: [String]

    var options: TokenizerOptions {
      TokenizerOptions(
        lowercases: doLowerCase ?? true, stripsAccents: stripAccents,
        separatesIdeographs: tokenizeChineseChars ?? true,
        truncatesLeft: truncationSide == "left")
    }
  }

  let vocabulary: [String]
  let texts: [String]
  let cases: [Case]
}

private struct DirectoryCase: Decodable {
  let name: String
  let files: [String: String]
  let texts: [String]
  let ids: [[Int32]]
}

@Test func idsOfHostileTextsEqualHuggingFaces() throws {
  let hostile = try fixture("hostile", as: Hostile.self)
  #expect(hostile.texts.count > 300 && hostile.cases.count >= 8)
  for expected in hostile.cases {
    let tokenizer = try WordPieceTokenizer(
      vocabulary: hostile.vocabulary, options: expected.options)
    #expect(expected.ids.count == hostile.texts.count)
    #expect(expected.words.count == hostile.texts.count)
    for (index, text) in hostile.texts.enumerated() {
      let found = tokenizer.encode(text, maxLength: expected.maxLength)
      #expect(found == expected.ids[index], "\(expected.name): \(text.debugDescription)")
      let words = fnv(tokenizer.words(of: text).joined(separator: "|")).prefix(8)
      #expect(words == expected.words[index], "\(expected.name): \(text.debugDescription)")
    }
  }
}

@Test func everyCharacterBecomesTheWordsOfHuggingFace() throws {
  let expected = try fixture("code-points", as: [String: [String]].self)
  let options = [
    "uncased": TokenizerOptions(), "cased": TokenizerOptions(lowercases: false),
    "uncasedWithAccents": TokenizerOptions(stripsAccents: false),
  ]
  #expect(Set(expected.keys) == Set(options.keys))
  for (name, hashes) in expected {
    let tokenizer = try smallTokenizer([], options: #require(options[name]))
    #expect(hashes.count == 0x110)
    for (block, hash) in hashes.enumerated() {
      var lines = ""
      for point in UInt32(block) << 12..<UInt32(block + 1) << 12 {
        guard let scalar = Unicode.Scalar(point) else { continue }
        lines += tokenizer.words(of: "a\(scalar)b").joined(separator: "|") + "\n"
      }
      #expect(fnv(lines) == hash, "\(name), U+\(String(block << 12, radix: 16))")
    }
  }
}

@Test func modelDirectoriesGiveTheIDsOfAutoTokenizer() throws {
  let cases = try fixture("directories", as: [DirectoryCase].self)
  #expect(cases.count >= 18)
  for expected in cases {
    try withDirectory(expected.files) { directory in
      let tokenizer = try loadTokenizer(directory: directory)
      #expect(expected.ids.count == expected.texts.count)
      for (text, ids) in zip(expected.texts, expected.ids) {
        let found = tokenizer.encode(text, maxLength: 64)
        #expect(found == ids, "\(expected.name): \(text.debugDescription)")
      }
      #expect(try Set(tokenizer.fileContents().map(\.name)) == Set(expected.files.keys))
    }
  }
}

private struct NormalizerCase: Decodable {
  /// A tokenizer.json.
  let file: String
  /// Hashes of what becomes of each 4,096 characters, for single normalizers.
  let blocks: [String]
  /// Hashes of what becomes of the hostile texts.
  let texts: [String]
}

@Test func everyNormalizerGivesTheTextOfTokenizers() throws {
  let texts = try fixture("hostile", as: Hostile.self).texts
  let cases = try fixture("normalizers", as: [NormalizerCase].self)
  #expect(cases.count == 14 && cases.count { !$0.blocks.isEmpty } == 6)
  let configuration = #"{"tokenizer_class": "PreTrainedTokenizerFast"}"#
  for expected in cases {
    let files = ["tokenizer.json": expected.file, "tokenizer_config.json": configuration]
    try withDirectory(files) { directory in
      let tokenizer = try WordPieceTokenizer(directory: directory)
      let name = expected.file.split(separator: "\"normalizer\"")[1].prefix(160)
      for (block, hash) in expected.blocks.enumerated() {
        var lines = ""
        for point in UInt32(block) << 12..<UInt32(block + 1) << 12 {
          guard let scalar = Unicode.Scalar(point) else { continue }
          lines += tokenizer.normalized("a\(scalar)b") + "\n"
        }
        #expect(fnv(lines) == hash, "\(name), U+\(String(block << 12, radix: 16))")
      }
      #expect(expected.texts.count == texts.count)
      for (text, hash) in zip(texts, expected.texts) {
        #expect(
          fnv(tokenizer.normalized(text)).prefix(8) == hash, "\(name): \(text.debugDescription)")
        // Places are found for every word, of bytes that the text has.
        for word in tokenizer.placedWords(utf8: text.utf8.span, maxLength: 64) {
          let isInText = word.bytes.map { $0.upperBound <= text.utf8.count } ?? true
          #expect(isInText, "\(name): \(text.debugDescription)")
        }
      }
    }
  }
}

private let encoder = "models/all-MiniLM-L6-v2"

@Test(
  .enabled(
    if: FileManager.default.fileExists(atPath: "\(encoder)/tokenizer_config.json"),
    "\(encoder) is not there; launch/get-encoder gets it"))
func idsOfThePretrainedEncoderEqualHuggingFaces() throws {
  let tokenizer = try WordPieceTokenizer(directory: encoder)
  #expect(tokenizer.vocabularyCount == 30_522)
  let texts = try fixture("hostile", as: Hostile.self).texts
  let hashes = try fixture("encoder", as: [String].self)
  #expect(texts.count == hashes.count)
  for (text, hash) in zip(texts, hashes) {
    let ids = tokenizer.encode(text, maxLength: 128).map(String.init).joined(separator: ",")
    #expect(fnv("[\(ids)]") == hash, "\(text.debugDescription)")
  }
}
