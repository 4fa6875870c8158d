// Which tokens are which word, and where it stands in the text.

import Foundation
import Testing
import Text

private struct Hostile: Decodable {
  let vocabulary: [String]
  let texts: [String]
}

private func words(
  _ tokenizer: WordPieceTokenizer, _ text: String, maxLength: Int = 512
) -> [(text: String?, tokens: Range<Int>)] {
  let bytes = Array(text.utf8)
  return tokenizer.placedWords(utf8: bytes.span, maxLength: maxLength).map { word in
    (word.bytes.map { String(decoding: bytes[$0], as: UTF8.self) }, word.tokens)
  }
}

@Test func wordsStandWhereTheyWereWritten() throws {
  let tokenizer = try smallTokenizer(["un", "##do", "cafe", "!", "漢", "字", "a"])
  let found = words(tokenizer, "Undo\tCAFÉ!Cafe\u{301} 漢字 what? a")
  #expect(
    found.map(\.text) == [
      nil, "Undo", "CAFÉ", "!", "Cafe\u{301}", "漢", "字", "what", "?", "a", nil,
    ])
  #expect(found[1].tokens == 1..<3 && found[2].tokens == 3..<4 && found[10].tokens == 11..<12)
}

@Test func wordsThatAreCutOffAreNotThere() throws {
  let pieces = ["un", "##do", "a"]
  let right = try smallTokenizer(pieces)
  #expect(words(right, "a undo a", maxLength: 4).map(\.text) == [nil, "a", "undo", nil])
  #expect(words(right, "a undo a", maxLength: 4).map(\.tokens) == [0..<1, 1..<2, 2..<3, 3..<4])
  let left = try smallTokenizer(pieces, options: TokenizerOptions(truncatesLeft: true))
  #expect(words(left, "a undo a", maxLength: 4).map(\.text) == [nil, "undo", "a", nil])
  #expect(words(left, "a undo a", maxLength: 4).map(\.tokens) == [0..<1, 1..<2, 2..<3, 3..<4])
}

@Test(arguments: [
  TokenizerOptions(), TokenizerOptions(lowercases: false), TokenizerOptions(stripsAccents: false),
  TokenizerOptions(truncatesLeft: true),
])
func everyTokenIsInOneWordWhoseTextGivesIt(options: TokenizerOptions) throws {
  let hostile = try fixture("hostile", as: Hostile.self)
  let tokenizer = try WordPieceTokenizer(vocabulary: hostile.vocabulary, options: options)
  for text in hostile.texts {
    for maxLength in [4, 512] {
      let ids = tokenizer.encode(text, maxLength: maxLength)
      let bytes = Array(text.utf8)
      let words = tokenizer.placedWords(utf8: bytes.span, maxLength: maxLength)
      #expect(words.flatMap { Array($0.tokens) } == Array(ids.indices), "\(text.debugDescription)")
      let places = words.compactMap(\.bytes)
      #expect(words.count == places.count + 2 && places.allSatisfy { !$0.isEmpty })
      #expect(
        zip(places, places.dropFirst()).allSatisfy { $0.upperBound <= $1.lowerBound },
        "\(text.debugDescription)")
      guard maxLength > 4, ids.count < maxLength else { continue }
      for word in words {
        guard let place = word.bytes else { continue }
        let alone = tokenizer.encode(String(decoding: bytes[place], as: UTF8.self), maxLength: 512)
        #expect(
          Array(alone.dropFirst().dropLast()) == Array(ids[word.tokens]),
          "\(text.debugDescription)")
      }
    }
  }
}
