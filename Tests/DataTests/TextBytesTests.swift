import Data
import Testing

private func words(_ text: [UInt8], maxLength: Int = 2) -> [Int32] {
  var words: [Int32] = []
  TextBytes().encode(utf8: text.span, maxLength: maxLength, into: &words)
  return words
}

@Test func textsAreKeptAfterTheirByteCount() {
  #expect(words([]) == [0])
  #expect(words([1]) == [1, 1])
  #expect(words([1, 2, 3, 4]) == [4, 0x0403_0201])
  #expect(words([1, 2, 3, 4, 0xFF]) == [5, 0x0403_0201, 0xFF])
  #expect(words([0, 0, 0, 0xFF]) == [4, Int32(bitPattern: 0xFF00_0000)])
}

@Test func textsComeBackFromStoredRows() throws {
  let texts = ["a", "one 😀", "é", "four", String(repeating: "long ", count: 100)]
  let directory = try TemporaryDirectory()
  let lines = texts.map { "{\"text\": \"\($0)\", \"labels\": []}\n" }.joined()
  let path = try directory.write(lines, to: "rows.jsonl")
  let source = try DataSource(path: path)
  let parts = try (0..<2).map {
    try EncodedRows(
      serialized: source.encode(part: $0, of: 2, maxLength: 2, encoder: TextBytes()).serialized)
  }
  let key = DatasetKey(source: source, encoder: TextBytes(), maxLength: 2)
  let rows = StoredRows(EncodedRows(concatenating: parts))
  let cached = try DatasetCache(directory: directory.path + "/cache").write(rows, key: key)
  for stored in [rows, cached] {
    #expect(stored.rowCount == texts.count)
    for (row, text) in texts.enumerated() {
      #expect(stored.withText(row) { bytes in bytes.indices.map { bytes[$0] } } == Array(text.utf8))
    }
  }
}

@Test func rowsThatHoldNoTextAreNotRead() async {
  await #expect(processExitsWith: .failure) {
    let directory = try TemporaryDirectory()
    let path = try directory.write("{\"text\": \"abcdef\", \"labels\": []}", to: "rows.jsonl")
    StoredRows(try read(path)).withText(0) { _ in }
  }
}
