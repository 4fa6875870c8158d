import Data
import Testing

private let texts = ["a", "one 😀", "é", "four", String(repeating: "long ", count: 100)]

/// The texts as rows of a file, read in two parts and through a cache.
private func rows(keeping content: RowContent) throws -> [StoredRows] {
  let directory = try TemporaryDirectory()
  let lines = texts.map { "{\"text\": \"\($0)\", \"labels\": []}\n" }.joined()
  let path = try directory.write(lines, to: "rows.jsonl")
  let key = DatasetKey(source: try DataSource(path: path), keeping: content)
  let rows = StoredRows(try read(path, parts: 2, keeping: content))
  let cache = DatasetCache(directory: directory.path + "/cache")
  return [rows, try cache.write(rows, key: key)]
}

private func text(_ rows: StoredRows, _ row: Int) -> [UInt8] {
  rows.withText(row) { bytes in bytes.indices.map { bytes[$0] } }
}

@Test func textsAreKeptWhole() throws {
  for stored in try rows(keeping: .texts) {
    #expect(stored.rowCount == texts.count)
    #expect(stored.tokens == nil)
    #expect(texts.indices.map { text(stored, $0) } == texts.map { Array($0.utf8) })
    // The length in words of four bytes, and one.
    #expect(Dataset(stored).rowLengths == [2, 3, 2, 2, 126])
  }
}

@Test func tokensAndTextsAreKeptSideBySide() throws {
  for stored in try rows(keeping: .tokensAndTexts(ScalarTokenizer(), maxLength: 6)) {
    let dataset = Dataset(stored)
    #expect(dataset.texts == texts.map { String($0.prefix(4)) })
    #expect(dataset.rowLengths == [3, 6, 3, 6, 6])
    #expect(texts.indices.map { text(stored, $0) } == texts.map { Array($0.utf8) })
  }
}

@Test func equalTextsAreFoundWithAndWithoutTokens() throws {
  let directory = try TemporaryDirectory()
  let path = try directory.write(
    "text,a\nabcd1,1\nabcd2,0\nabcd1,1\nabcd1,0\n", to: "rows.csv")
  let contents: [RowContent] = [.texts, .tokens(ScalarTokenizer(), maxLength: 128)]
  for content in contents {
    let audit = LabelAudit(training: Dataset(StoredRows(try read(path, keeping: content))))
    #expect(audit.parts[0].repeatedRowCount == 2)
    #expect(audit.parts[0].contradictionCount == 1)
  }
}

@Test func rowsWithoutTextsAreNotReadAsTexts() async {
  await #expect(processExitsWith: .failure) {
    let directory = try TemporaryDirectory()
    let path = try directory.write("{\"text\": \"abcdef\", \"labels\": []}", to: "rows.jsonl")
    StoredRows(try read(path)).withText(0) { _ in }
  }
}
