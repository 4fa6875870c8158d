import Data
import Memory
import Testing

@Test func badLinesAreNamedWithLineAndReason() throws {
  let lines = [
    #"{"text": "fine", "labels": []}"#,
    #"{"text": "x", "labels": [] "#,
    "",
    #"{"label": ["a"], "text": "x"}"#,
    #"{"labels": ["a"]}"#,
    #"{"text": "  ", "labels": []}"#,
    #"{"text": 3, "labels": []}"#,
    #"{"text": "x", "labels": ["a", 3]}"#,
    #"{"text": "x", "labels": "a"}"#,
    #"{"text": "x", "labels": [""]}"#,
    #"{"text": "x", "text": "y", "labels": []}"#,
    #"{"text": "x", "labels": []} {}"#,
    #"{"text": "\ud800", "labels": []}"#,
    #"{"text": "x", "labels": [], "other": 01}"#,
    #"["text"]"#,
    "text",
    #"{"id": true, "text": "x", "labels": []}"#,
  ]
  let report = try #require(
    try badRows(Array(lines.joined(separator: "\n").utf8), name: "rows.jsonl"))
  let expected = [
    (2, #"not JSON: column 28: found the end of the text where "," or "}" is wanted"#),
    (4, "no “labels”; did you mean “label”?"),
    (5, "no “text”"),
    (6, "“text” is empty; data.empty_texts=skip leaves such rows out"),
    (7, "“text” is not a string"),
    (8, "“labels” is not an array of strings"),
    (9, "“labels” is not an array of strings"),
    (10, "a label with an empty name"),
    (11, "the key “text” occurs twice"),
    (12, #"not JSON: column 29: found "{" after the end of the value"#),
    (13, "not JSON: column 11: half of a surrogate pair"),
    (14, "not JSON: column 38: a number must not begin with 0"),
    (15, #"not JSON: column 1: found "[" where "{" is wanted"#),
    (16, #"not JSON: column 1: found "t" where "{" is wanted"#),
    (17, "“id” is neither a string nor a number"),
  ]
  #expect(report.first == expected.map { BadRow(line: $0.0, reason: $0.1) })
}

@Test func badRecordsAreNamedByTheLineOnWhichTheyBegin() throws {
  let table = [
    "id,text,a,b",
    "1,\"two",
    "lines\",0,1",
    "2,x,0",
    "3,x,0,1,1",
    "",
    "4,\"x\"y,0,1",
    "5,x,0,2",
    "6,x,,1",
    "7,,0,1",
    "8,5\" disk,0,1.0",
    "9,x,nan,yes",
    "10,\"never closed,0,1",
    "11,x,0,1",
  ]
  let report = try #require(
    try badRows(Array(table.joined(separator: "\r\n").utf8), name: "rows.csv"))
  let hint = "(a column of label names is declared by data.labels_column)"
  let empty =
    "is empty: 0 or 1 is wanted; data.empty_cells=zero makes empty cells 0, "
    + "data.empty_cells=unknown leaves them out"
  let expected = [
    (4, "3 fields where the header has 4"),
    (5, "5 fields where the header has 4; a field with “,” in it must stand in quotes"),
    (
      7,
      "“x” is followed by text after its closing quote; double quotes inside a field, or set "
        + "data.quoting=none if quotes are ordinary characters in this file"
    ),
    (8, "the label column “b” holds “2”, not 0 or 1 \(hint)"),
    (9, "the label column “a” \(empty)"),
    (10, "“text” is empty; data.empty_texts=skip leaves such rows out"),
    (12, "the label column “a” \(empty)"),
    (
      13,
      "a quoted field that begins here is never closed; close or double it, or set "
        + "data.quoting=none if quotes are ordinary characters in this file"
    ),
  ]
  #expect(report.first == expected.map { BadRow(line: $0.0, reason: $0.1) })
}

@Test func bytesThatAreNotUTF8AreNamed() throws {
  let row = Array(#"{"text": "a"#.utf8) + [0xC3, 0x28] + Array(#"", "labels": []}"#.utf8)
  let lines = try #require(try badRows([UInt8(ascii: "\n")] + row, name: "a.jsonl"))
  let advice = "; convert the file, for example with iconv -f CP1252 -t UTF-8"
  #expect(lines.first == [BadRow(line: 2, reason: "not UTF-8: byte 12 of the row" + advice)])
  let table = try #require(
    try badRows(Array("text,l\nx,0\n".utf8) + [0xE9] + Array(",0\n".utf8), name: "a.csv"))
  #expect(table.first == [BadRow(line: 3, reason: "not UTF-8: byte 1 of the row" + advice)])
}

@Test(arguments: [1, 2, 4])
func twentyBadRowsAreListedAndTheRestCounted(parts: Int) throws {
  let lines = (1...60).map { $0 % 2 == 0 ? "{\"text\": \"x\", \"labels\": []}" : "{bad" }
  let report = try #require(
    try badRows(
      Array(lines.joined(separator: "\n").utf8), name: "a.jsonl", parts: parts))
  #expect(report.total == 30)
  #expect(report.first.map(\.line) == (0..<20).map { 2 * $0 + 1 })
  let message = DataError.badRows(path: "a.jsonl", report).description.split(separator: "\n")
  #expect(message.count == 21)
  #expect(
    message[1]
      == #"a.jsonl:3: not JSON: column 2: found "b" where a name in double quotes is wanted"#)
  #expect(message[20] == "a.jsonl: 10 more bad rows not listed")
}

@Test func filesAndHeadersThatCannotBeUsedAreRefusedInOneLine() throws {
  #expect(try message("", name: "a.csv") == "a.csv: there is no row in this file")
  #expect(try message("\n \n", name: "a.jsonl") == "a.jsonl: there is no row in this file")
  #expect(try message("text,a\n", name: "a.csv") == "a.csv: there is no row in this file")
  #expect(try message("x", name: "a.txt").contains("must end in .jsonl"))
  #expect(try message(" [{}]", name: "a.json") == "a.json:1: no “text”")
  #expect(
    try message("Texts,a\nx,1\n", name: "a.csv")
      == "a.csv:1: there is no column “text”; the text seems to be “Texts”: set "
      + "data.text_column=Texts (the columns are “Texts”, “a”)")
  #expect(try message("text,a,a\nx,1,1\n", name: "a.csv").contains("two columns are named “a”"))
  #expect(try message("id,text\n1,x\n", name: "a.csv").contains("there is no label column"))
  #expect(try message("text,\"a\nx,1\n", name: "a.csv").contains("never closed"))
  var columns = DataColumns()
  columns.labels = "tags"
  #expect(
    try message("text,tag\nx,1\n", name: "a.csv", columns: columns)
      == "a.csv:1: there is no column “tags” (data.labels_column); did you mean “tag”? "
      + "(the columns are “text”, “tag”)")
  columns.labelsSeparator = ""
  #expect(
    try message("text,tags\nx,1\n", name: "a.csv", columns: columns).contains("labels_separator"))
  #expect(throws: FileError.self) { try DataSource(path: "no/such/file.csv") }
}

@Test func deepNestingAndLongValuesAreOnlyBytes() throws {
  let deep = String(repeating: "[", count: 1_000_000) + String(repeating: "]", count: 1_000_000)
  let deepObjects = String(repeating: "{\"a\":", count: 500_000)
  let label = String(repeating: "l", count: 1_000_000)
  let directory = try TemporaryDirectory()
  let path = try directory.write(
    "{\"text\": \"x\", \"labels\": [\"\(label)\"], \"deep\": \(deep)}", to: "a.jsonl")
  #expect(try dataset(path).labels.names == [label])
  let report = try #require(
    try badRows(Array("{\"text\": \"x\", \"b\": \(deepObjects)".utf8), name: "a.jsonl"))
  #expect(
    report.first[0].reason
      == "not JSON: column 2500020: found the end of the text where a value is wanted")
}
