// How labels may be written.

import Data
import Testing

private func rows(
  _ content: String, _ name: String = "a.csv", _ change: (inout DataColumns) -> Void = { _ in }
) throws -> Dataset {
  let directory = try TemporaryDirectory()
  var columns = DataColumns()
  change(&columns)
  return try dataset(try directory.write(content, to: name), columns: columns)
}

@Suite struct LabelFormTests {
  @Test(arguments: [
    ("['a', 'b']", "['a']", "[]"), ("[\"\"a\"\", \"\"b\"\"]", "[\"\"a\"\"]", "[]"),
    ("['a' 'b']", "['a']", "[]"), ("('a', 'b')", "('a',)", "()"), ("{'b', 'a'}", "{'a'}", ""),
    ("a, b", "a", ""), ("a,,b ,", " a", " "),
  ]) func listsWrittenAsTextAreLists(cells: (String, String, String)) throws {
    let content = "text,labels\nx,\"\(cells.0)\"\ny,\"\(cells.1)\"\nz,\"\(cells.2)\"\n"
    let data = try rows(content) { $0.labels = "labels" }
    #expect(data.labelNamesOfRows == [["a", "b"], ["a"], []])
  }

  @Test func namesInListsMayHoldAnything() throws {
    let cell = #"["it's, so", 'say \'no\'', 'caf\xe9', "\u00e9\ud83d\ude00", 'back\\slash']"#
    let quoted = "\"" + cell.replacing("\"", with: "\"\"") + "\""
    let data = try rows("text,labels\nx,\(quoted)\n") { $0.labels = "labels" }
    #expect(
      Set(data.labels.names) == ["it's, so", "say 'no'", "café", "é😀", "back\\slash"])
    let json = "{\"text\": \"x\", \"labels\": \"['a', 'b']\"}\n"
    #expect(try rows(json, "a.jsonl").labelNamesOfRows == [["a", "b"]])
  }

  @Test(arguments: [
    ("a.csv", "text,labels\nx,\"[0, 1, 0, 1]\"\ny,\"[0, 0, 0, 0]\"\n"),
    ("a.csv", "text,labels\nx,[0. 1. 0. 1.]\ny,[0. 0. 0. 0.]\n"),
    ("a.csv", "text,labels\nx,\"0,1,0,1\"\ny,\"0,0,0,0\"\n"),
    (
      "a.csv", "text,labels\nx,\"[False, True, False, True]\"\ny,\"[False, False, False, False]\"\n"
    ),
    (
      "a.jsonl",
      "{\"text\": \"x\", \"labels\": [0, 1, 0, 1]}\n{\"text\": \"y\", \"labels\": [0, 0, 0, 0]}"
    ),
    (
      "a.jsonl",
      "{\"text\": \"x\", \"labels\": [0.0, 1.0, 0, 1]}\n{\"text\": \"y\", \"labels\": [0, 0, 0, 0]}"
    ),
    (
      "a.jsonl",
      "{\"text\": \"x\", \"labels\": [false, true, false, true]}\n{\"text\": \"y\", \"labels\": [0, 0, 0, 0]}"
    ),
  ]) func zerosAndOnesAreReadWhereTheLabelsAreNamed(name: String, content: String) throws {
    let names = ["blue", "dark", "green", "red"]
    let data = try rows(content, name) {
      $0.labels = "labels"
      $0.labelNames = .list(names)
    }
    #expect(data.labelNamesOfRows == [["dark", "red"], []] && data.labels.names == names)
    let refused = try message(content, name: name) { $0.labels = "labels" }
    #expect(
      refused.contains("lists of 0 and 1 such as [0, 1, 0, 1]; name the 4 labels"), "\(refused)")
    #expect(refused.contains(#"data.label_names=["name1","name2","name3","name4"]"#))
    let few = try message(content, name: name) {
      $0.labels = "labels"
      $0.labelNames = .list(["a", "b", "c"])
    }
    #expect(few.contains("lists of 4 zeros and ones, but data.label_names gives 3 names"), "\(few)")
  }

  @Test func numbersOfLabelsAreReadWhereTheyAreNamed() throws {
    let directory = try TemporaryDirectory()
    let file = try directory.write("joy\nfear\r\nlove\n", to: "names.txt")
    let array = try directory.write("[\"joy\", \"fear\", \"love\"]", to: "names.json")
    let contents = [
      ("a.csv", "text,labels\nx,\"2,0\"\ny,1\nz,\n"),
      ("a.csv", "text,labels\nx,\"[2, 0]\"\ny,[1]\nz,[]\n"),
      (
        "a.jsonl",
        #"{"text": "x", "labels": [2, 0]}"# + "\n" + #"{"text": "y", "labels": [1]}"# + "\n"
          + #"{"text": "z", "labels": []}"#
      ),
    ]
    for (name, content) in contents {
      for path in [file, array] {
        let data = try rows(content, name) {
          $0.labels = "labels"
          $0.labelNames = .file(path)
        }
        #expect(data.labelNamesOfRows == [["joy", "love"], ["fear"], []])
      }
      let few = try message(content, name: name) {
        $0.labels = "labels"
        $0.labelNames = .list(["a", "b"])
      }
      #expect(
        few.contains("holds 2, but data.label_names gives 2 names, for the numbers 0 to 1"),
        "\(few)")
    }
    // Numbers without names are names themselves where they stand as text.
    #expect(try rows(contents[0].1) { $0.labels = "labels" }.labels.names == ["0", "1", "2"])
    #expect(
      try message(contents[2].1, name: "a.jsonl").contains("name the labels in the order of their"))
  }

  @Test func jsonWithAKeyForEachLabelIsRead() throws {
    let content = """
      {"text": "x", "note": "n", "blue": 1, "red": 0}
      {"text": "y", "note": "m", "blue": false, "red": true}
      {"text": "z", "note": "m", "blue": 0.0, "red": null}
      """
    let data = try rows(content, "a.jsonl") {
      $0.ignored = ["note"]
      $0.emptyCells = .zero
    }
    #expect(data.labelNamesOfRows == [["blue"], ["red"], []])
    #expect(
      try message(content, name: "a.jsonl")
        == "a.jsonl: “note” holds “n”, and a label is 0 or 1; leave what is no label out by "
        + #"data.ignored_columns=["note"]"#)
    let more = content + "\n" + #"{"text": "w", "note": "m", "blue": 1, "red": 0, "green": 1}"#
    let late = String(
      repeating: #"{"text": "w", "note": "m", "blue": 1, "red": 0}"# + "\n", count: 2_000)
    #expect(
      try message(late + more, name: "a.jsonl") {
        $0.ignored = ["note"]
        $0.emptyCells = .zero
      }
        == "a.jsonl:2004: the first rows do not have the key “green”: every row must have the same "
        + "keys"
    )
  }

  @Test func objectsOfLabelsAreRead() throws {
    let content = """
      {"text": "x", "labels": {"blue": 1, "red": 0}}
      {"text": "y", "labels": {"blue": false, "red": true}}
      {"text": "z", "labels": {}}
      """
    #expect(try rows(content, "a.jsonl").labelNamesOfRows == [["blue"], ["red"], []])
    let wrong =
      content + "\n" + #"{"text": "z", "labels": {"blue": 3}}"# + "\n"
      + #"{"text": "z", "labels": ["blue"]}"#
    #expect(
      try message(wrong, name: "a.jsonl")
        == "a.jsonl:4: the label “blue” holds “3”, not 0 or 1\n"
        + "a.jsonl:5: “labels” holds names where other rows have numbers")
  }

  @Test func arraysOfObjectsAreReadInAnyNumberOfParts() throws {
    let directory = try TemporaryDirectory()
    var text = "[\n"
    for row in 0..<300 {
      text +=
        (row == 0 ? " " : ",\n")
        + "{\"text\": \"r\(row) [ } \\\" , ]\",\n \"labels\": [\"l\(row % 7)\"]}"
    }
    let path = try directory.write(text + "\n]\n", to: "a.json")
    let whole = try read(path)
    #expect(whole.rowCount == 300)
    for parts in [2, 3, 8] { #expect(try read(path, parts: parts) == whole) }
    let wrong = #"[{"text": "x", "labels": []},"# + "\n" + #"{"text": 3, "labels": []}]"#
    #expect(try message(wrong, name: "a.json") == "a.json:2: “text” is not a string")
    let row = #"{"text": "x", "labels": []}"#
    #expect(
      try message("[\(row),\n\(row)", name: "a.json").contains("a.json:2: the JSON array is never"))
    #expect(try message("[\(row),\n", name: "a.json").contains("never closed"))
    #expect(try message("[\(row)]\n[", name: "a.json").contains("something else stands here"))
    #expect(try message("[\(row),,\(row)]", name: "a.json").contains("something else stands here"))
    #expect(try message("[]", name: "a.json").contains("there is no row in this file"))
  }

  @Test func notANumberIsReadWhereNobodyAsksForIt() throws {
    let content =
      #"{"text": "x", "labels": ["a"], "score": NaN, "more": [-Infinity, {"y": Infinity}]}"#
    #expect(try rows(content, "a.jsonl").labelNamesOfRows == [["a"]])
  }
}
