import Data
import Foundation
import Testing

/// What make_pandas_csv.py wrote.
private let texts = [
  "plain", "with, comma", "a \"quoted\" word", "two\nlines", "Ünïcödé 中文", " spaces ",
]
private let labels = [
  ["science, applied", "sport"], ["politics"], [], ["sport"], ["politics", "science, applied"],
  ["sport"],
]
private let ids = (0..<6).map { "row\($0)" }

@Test func wideFilesOfPandasAreRead() throws {
  let data = try dataset(fixture("pandas_wide.csv"))
  #expect(data.labels.names == ["never", "politics", "science, applied", "sport"])
  #expect(data.texts == texts)
  #expect(data.ids == ids)
  #expect(data.labelNamesOfRows == labels)
}

@Test func theIndexOfPandasIsNoLabelAndMarksAndLineEndsOfWindowsAreNoText() throws {
  let data = try dataset(fixture("pandas_index_bom_crlf.csv"))
  #expect(data.labels.names == ["never", "politics", "science, applied", "sport"])
  #expect(data.texts == texts)
  #expect(data.ids == ["0", "1", "2", "3", "4", "5"])
  #expect(data.labelNamesOfRows == labels)
}

@Test func aColumnOfLabelNamesIsSplit() throws {
  var columns = DataColumns()
  columns.labels = "tags"
  columns.labelsSeparator = "|"
  let data = try dataset(fixture("pandas_labels_column.csv"), columns: columns)
  #expect(data.labels.names == ["politics", "science, applied", "sport"])
  #expect(data.texts == texts)
  #expect(data.ids == ids)
  #expect(data.labelNamesOfRows == labels)
}

@Test func jsonLinesOfPandasAreRead() throws {
  let data = try dataset(fixture("pandas.jsonl"))
  #expect(data.texts == texts)
  #expect(data.ids == ids)
  #expect(data.labelNamesOfRows == labels)
}

@Test func jsonEscapesOtherKeysAndBlankLinesAreUnderstood() throws {
  let directory = try TemporaryDirectory()
  let path = try directory.write(
    "\u{FEFF}"
      + #"{"labels": ["b", "a", "b"], "text": "\u00e9\ud83d\ude00\/\\\"\b\f\n\r\t", "#
      + #""more": {"x": [1, -0.5e+3, true, null, {}], "y": []}}"# + "\r\n\r\n  \n"
      + #"{"id": 17, "text": "𝄞", "labels": []}"#, to: "rows.ndjson")
  let data = try dataset(path)
  #expect(data.texts == ["é😀/\\\"\u{8}\u{C}\n\r\t", "𝄞"])
  #expect(data.ids == ["0", "17"])
  #expect(data.labelNamesOfRows == [["a", "b"], []])
}

@Test func otherNamesOfColumnsAndKeysCanBeGiven() throws {
  var columns = DataColumns()
  (columns.text, columns.id, columns.labels, columns.labelsSeparator) = ("body", "key", "tags", ";")
  let directory = try TemporaryDirectory()
  let table = try directory.write("key\ttags\tbody\nk\tb; a;;b\thello\tx\n", to: "rows.tsv")
  #expect(throws: DataError.self) { try dataset(table, columns: columns) }
  let good = try directory.write("key\ttags\tbody\nk\tb; a;;b\thello, x\n", to: "rows.tsv")
  let lines = try directory.write(
    #"{"key": "k", "tags": ["b", "a"], "body": "hello, x"}"#, to: "rows.json")
  for path in [good, lines] {
    let data = try dataset(path, columns: columns)
    #expect(data.ids == ["k"])
    #expect(data.texts == ["hello, x"])
    #expect(data.labelNamesOfRows == [["a", "b"]])
  }
}

@Test func rowsToPredictNeedNoLabels() throws {
  var columns = DataColumns()
  columns.readsLabels = false
  let directory = try TemporaryDirectory()
  let lines = try directory.write("{\"text\": \"x\"}\n{\"text\":\"y\",\"labels\":3}", to: "a.jsonl")
  let table = try directory.write("note,text\nfree,x\n,y", to: "a.csv")
  for path in [lines, table] {
    let data = try dataset(path, columns: columns)
    #expect(data.texts == ["x", "y"])
    #expect(data.labels.count == 0)
  }
}

@Test func labelsAreOrderedAndToldApartByTheirBytes() throws {
  let directory = try TemporaryDirectory()
  let composed = "\u{E9}"
  let decomposed = "e\u{301}"
  let path = try directory.write(
    "{\"text\": \"x\", \"labels\": [\"\(composed)\", \"z\", \"\(decomposed)\", \"Z\"]}",
    to: "a.jsonl")
  let labels = try dataset(path).labels
  #expect(
    labels.names.map { Array($0.utf8) } == ["Z", decomposed, "z", composed].map { Array($0.utf8) })
  #expect(labels.index(of: composed) == 3)
  #expect(labels.index(of: decomposed) == 1)
  #expect(labels.index(of: "y") == nil)
}

@Test(arguments: ["pandas_wide.csv", "pandas_index_bom_crlf.csv", "pandas.jsonl"])
func partsGiveTheSameRowsAsTheWhole(name: String) throws {
  let whole = try read(fixture(name))
  for parts in [2, 3, 4, 7, 100] {
    #expect(try read(fixture(name), parts: parts) == whole)
  }
}

@Test func manyRowsAreTheSameInAnyNumberOfParts() throws {
  let directory = try TemporaryDirectory()
  var lines = ""
  for row in 0..<500 {
    let words = String(repeating: "wörd ", count: row % 37 + 1)
    lines += "{\"text\": \"\(words)\", \"labels\": [\"l\(row * 7 % 31)\", \"m\(row % 13)\"]}\n"
    if row % 50 == 0 { lines += "\n" }
  }
  let path = try directory.write(lines, to: "rows.jsonl")
  let whole = try read(path)
  #expect(whole.rowCount == 500)
  for parts in [2, 4, 5] { #expect(try read(path, parts: parts) == whole) }
  #expect(Dataset(StoredRows(whole)).ids == (0..<500).map(String.init))
}

@Test func damagedRowsAreRefusedNotTrusted() throws {
  let bytes = try read(fixture("pandas_wide.csv")).serialized
  for length in 0..<bytes.count {
    #expect(throws: DataError.self) { try EncodedRows(serialized: Array(bytes[..<length])) }
  }
  for position in bytes.indices {
    var changed = bytes
    changed[position] = 0xFF
    _ = try? EncodedRows(serialized: changed)
  }
}
