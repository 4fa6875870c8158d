// Tokenizers of every kind, trained by Tests/Reference/tokenizer_kinds.py, against the ids of
// `transformers`.

import Foundation
import Testing
import Text

struct Kinds: Decodable {
  struct Case: Decodable {
    let name: String
    /// SentencePiece models in Base64, everything else as it is.
    let files: [String: String]
    /// Eight digits of the hash of each text's ids, end to end.
    let ids: String
    /// The ids of the first text.
    let first: [Int32]

    /// Calls `body` with a directory of the files.
    func withDirectory<Result>(_ body: (String) throws -> Result) throws -> Result {
      let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
      try FileManager.default.createDirectory(at: path, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: path) }
      for (name, content) in files {
        let data =
          name.hasSuffix(".model") ? Data(base64Encoded: content) : Data(content.utf8)
        try #require(data).write(to: path.appending(path: name))
      }
      return try body(path.path)
    }
  }

  let texts: [String]
  let cases: [Case]
}

private let maxLength = 64

private func hash(_ ids: [Int32]) -> String {
  String(fnv("[\(ids.map(String.init).joined(separator: ","))]").prefix(8))
}

@Test func everyKindOfTokenizerGivesTheIDsOfTransformers() throws {
  let kinds = try fixture("kinds", as: Kinds.self)
  #expect(kinds.cases.count >= 30 && kinds.texts.count > 150)
  for expected in kinds.cases {
    try expected.withDirectory { directory in
      let tokenizer = try loadTokenizer(directory: directory)
      #expect(tokenizer.encode(kinds.texts[0], maxLength: maxLength) == expected.first)
      let found = kinds.texts.map { hash(tokenizer.encode($0, maxLength: maxLength)) }
      for (index, text) in kinds.texts.enumerated() {
        let start = expected.ids.index(expected.ids.startIndex, offsetBy: 8 * index)
        let wanted = expected.ids[start..<expected.ids.index(start, offsetBy: 8)]
        #expect(found[index] == wanted, "\(expected.name): \(text.debugDescription)")
      }
      // What is remembered of words changes nothing.
      let again = kinds.texts.map { hash(tokenizer.encode($0, maxLength: maxLength)) }
      #expect(found == again, "\(expected.name)")
    }
  }
}

@Test func everyTokenOfEveryKindIsInOneWord() throws {
  let kinds = try fixture("kinds", as: Kinds.self)
  for expected in kinds.cases {
    try expected.withDirectory { directory in
      let tokenizer = try loadTokenizer(directory: directory)
      for text in kinds.texts {
        for limit in [5, 300] {
          let ids = tokenizer.encode(text, maxLength: limit)
          let words = tokenizer.placedWords(utf8: text.utf8.span, maxLength: limit)
          let name: Comment = "\(expected.name): \(text.debugDescription)"
          #expect(words.flatMap { Array($0.tokens) } == Array(ids.indices), name)
          #expect(words.allSatisfy { ($0.bytes == nil) != ($0.special == nil) }, name)
          let places = words.compactMap(\.bytes)
          #expect(places.allSatisfy { $0.upperBound <= text.utf8.count && !$0.isEmpty }, name)
          #expect(
            zip(places, places.dropFirst()).allSatisfy { $0.lowerBound <= $1.lowerBound }, name)
        }
      }
    }
  }
}

@Test func wordsOfEveryKindStandWhereTheyWereWritten() throws {
  let kinds = try fixture("kinds", as: Kinds.self)
  let text = "The système\tworks, <mask> doesn't!"
  let wanted: [String: [String?]] = [
    "roberta": [nil, "The", "système", "\t", "works", ",", " ", "<mask>", "doesn", "'t", "!", nil],
    "xlm_roberta": [nil, "The", "système", "works,", "<mask>", "doesn't!", nil],
    "llama": ["The système\tworks, <mask> doesn't!"],
    "word_level": ["The", "système", "works", ",", "<", "mask", ">", "doesn", "'", "t", "!"],
  ]
  for (name, words) in wanted {
    let expected = try #require(kinds.cases.first { $0.name == name })
    try expected.withDirectory { directory in
      let tokenizer = try loadTokenizer(directory: directory)
      let found = tokenizer.placedWords(utf8: text.utf8.span, maxLength: 300)
      #expect(
        found.map { $0.bytes.map { String(decoding: Array(text.utf8)[$0], as: UTF8.self) } }
          == words, "\(name)")
    }
  }
  let roberta = try #require(kinds.cases.first { $0.name == "roberta" })
  try roberta.withDirectory { directory in
    let words = try loadTokenizer(directory: directory)
      .placedWords(utf8: text.utf8.span, maxLength: 300)
    #expect(words.first?.special == "<s>" && words.last?.special == "</s>")
  }
}

@Test func aShorterLimitOfEveryKindOnlyCuts() throws {
  let kinds = try fixture("kinds", as: Kinds.self)
  for expected in kinds.cases {
    try expected.withDirectory { directory in
      let tokenizer = try loadTokenizer(directory: directory)
      let special = tokenizer.encode("", maxLength: 9).count
      for text in kinds.texts {
        let whole = tokenizer.encode(text, maxLength: .max / 2)
        let short = tokenizer.encode(text, maxLength: 9)
        #expect(short.count == min(9, whole.count))
        guard whole.count > 9, expected.name != "word_piece_digits" else { continue }
        #expect(short.prefix(9 - special).elementsEqual(whole.prefix(9 - special)))
      }
    }
  }
}

@Test func manyThreadsGetTheIDsOfOne() async throws {
  let kinds = try fixture("kinds", as: Kinds.self)
  let expected = try #require(kinds.cases.first { $0.name == "xlm_roberta" })
  let tokenizer = try expected.withDirectory { try loadTokenizer(directory: $0) }
  let wanted = kinds.texts.map { tokenizer.encode($0, maxLength: maxLength) }
  await withTaskGroup(of: Bool.self) { group in
    for _ in 0..<8 {
      group.addTask { kinds.texts.map { tokenizer.encode($0, maxLength: maxLength) } == wanted }
    }
    for await isEqual in group { #expect(isEqual) }
  }
}

@Test func savedFilesOfEveryKindGiveTheSameTokenizer() throws {
  let kinds = try fixture("kinds", as: Kinds.self)
  for expected in kinds.cases {
    try expected.withDirectory { directory in
      let tokenizer = try loadTokenizer(directory: directory)
      let saved = try tokenizer.fileContents().with(maximumLength: 48)
      let names = Set(expected.files.keys).subtracting(["config.json"])
      #expect(Set(saved.map(\.name)) == names.union(["tokenizer_config.json"]))
      for file in saved where file.name != "tokenizer_config.json" {
        let path = URL(fileURLWithPath: "\(directory)/\(file.name)")
        #expect(try Data(contentsOf: path) == Data(file.bytes), "\(expected.name)")
      }
      // A saved model has a type of its own, which tells nothing of the tokenizer.
      try withDirectory(["config.json": #"{"model_type": "of-its-own"}"#]) { copy in
        for file in saved {
          try Data(file.bytes).write(to: URL(fileURLWithPath: "\(copy)/\(file.name)"))
        }
        #expect(
          try loadTokenizer(directory: copy).fingerprint == tokenizer.fingerprint,
          "\(expected.name)")
      }
    }
  }
}
