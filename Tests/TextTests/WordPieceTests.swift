// What the tokenizer promises beyond equality with Hugging Face.

import Testing
import Text

@Test func wordsSplitIntoTheLongestPieces() throws {
  let tokenizer = try smallTokenizer(["un", "una", "##aff", "##ffable", "##able", "u"])
  #expect(tokenizer.encode("unaffable", maxLength: 16) == [2, 6, 8, 3])
  #expect(tokenizer.encode("unaff", maxLength: 16) == [2, 1, 3])
}

@Test func overlongWordsBecomeUnknown() throws {
  let tokenizer = try smallTokenizer(["é", "##é"], options: TokenizerOptions(lowercases: false))
  let longest = tokenizer.encode(String(repeating: "é", count: 100), maxLength: 512)
  #expect(longest.count == 102 && !longest.contains(1))
  #expect(tokenizer.encode(String(repeating: "é", count: 101), maxLength: 512) == [2, 1, 3])
}

@Test func truncationKeepsTheFrame() throws {
  let tokenizer = try smallTokenizer(["a", "b", "##b"])
  #expect(tokenizer.encode("a bb a bb", maxLength: 5) == [2, 5, 6, 7, 3])
  #expect(tokenizer.encode("a bb a bb", maxLength: 2) == [2, 3])
  #expect(tokenizer.encode("", maxLength: 2) == [2, 3])
}

@Test func longTextsEqualTheirTruncatedWhole() throws {
  let tokenizer = try smallTokenizer(["a", "##a", "é", "-"])
  let text = (0..<3000).map { String(repeating: "aÉ-", count: $0 % 7) }.joined(separator: " ")
  let whole = tokenizer.encode(text, maxLength: 1_000_000)
  for length in [3, 100, 1500, 4000] {
    #expect(tokenizer.encode(text, maxLength: length) == whole.prefix(length - 1) + [3])
  }
}

@Test func encodingAppends() throws {
  let tokenizer = try smallTokenizer(["a"])
  var ids: [Int32] = [9]
  tokenizer.encode(utf8: "a".utf8.span, maxLength: 8, into: &ids)
  tokenizer.encode(utf8: [UInt8]().span, maxLength: 8, into: &ids)
  #expect(ids == [9, 2, 5, 3, 2, 3])
}

@Test func bytesThatAreNotUTF8AreRemoved() throws {
  let tokenizer = try smallTokenizer(["ab"])
  let damaged: [[UInt8]] = [
    [0x61, 0xFF, 0x62], [0x61, 0xC3, 0x62], [0x61, 0x62, 0xE4, 0xB8],
    [0xF4, 0x90, 0x80, 0x80, 0x61, 0x62],
    [0xED, 0xA0, 0x80, 0x61, 0x62], [0xC0, 0x80, 0x61, 0x80, 0x62], [0xF0, 0x61, 0x62, 0xF0],
  ]
  for bytes in damaged {
    var ids: [Int32] = []
    tokenizer.encode(utf8: bytes.span, maxLength: 8, into: &ids)
    #expect(ids == [2, 5, 3], "\(bytes)")
  }
}

@Test func addedTokensGetIDsAfterTheVocabulary() throws {
  let tokenizer = try WordPieceTokenizer(
    vocabulary: ["[UNK]", "[CLS]", "[SEP]", "a", "a"],
    addedTokens: [AddedToken("a"), AddedToken("<x>"), AddedToken("É", normalized: true)])
  #expect(tokenizer.encode("b<x>é", maxLength: 8) == [1, 0, 5, 6, 2])
  #expect(tokenizer.vocabularyCount == 7)
}

@Test func canonicallyEquivalentPiecesStayApart() throws {
  let options = TokenizerOptions(lowercases: false)
  let tokenizer = try smallTokenizer(["\u{c5}", "A\u{30a}", "\u{212b}"], options: options)
  #expect(tokenizer.encode("\u{212b} \u{c5} A\u{30a}", maxLength: 8) == [2, 7, 5, 6, 3])
}

@Test func theFingerprintFollowsWhatIDsDependOn() throws {
  let base = try smallTokenizer(["a", "b"])
  let same = try smallTokenizer(["a", "b"])
  let others = [
    try smallTokenizer(["b", "a"]), try smallTokenizer(["ab"]),
    try smallTokenizer(["a", "b", "c"]),
    try smallTokenizer(["a", "b"], options: TokenizerOptions(lowercases: false)),
    try smallTokenizer(["a", "b"], options: TokenizerOptions(stripsAccents: false)),
    try WordPieceTokenizer(
      vocabulary: ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b"],
      addedTokens: [AddedToken("[MASK]", stripsLeft: true)]),
  ]
  #expect(base.fingerprint == same.fingerprint && base.fingerprint.utf8.count == 16)
  #expect(Set((others + [base]).map(\.fingerprint)).count == others.count + 1)
}

@Test func theLargestLimitIsNoLimit() throws {
  let tokenizer = try WordPieceTokenizer(vocabulary: ["[UNK]", "[CLS]", "[SEP]", "a"])
  var ids: [Int32] = [7]
  tokenizer.encode(utf8: "a a".utf8.span, maxLength: .max, into: &ids)
  #expect(ids == [7, 1, 3, 3, 2])
}
