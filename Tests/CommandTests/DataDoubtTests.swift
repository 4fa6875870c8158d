// What is said of data files: what was taken for what, and what settles a doubt.

import Foundation
import Testing

extension WholeProgram {
  @Suite struct DataDoubtTests {
    let place: Workplace

    init() throws { place = try Workplace() }

    /// Starts a linear model on a file, and expects one message that begins with `reason`.
    private func expectRefusal(
      _ name: String, _ content: String, _ reason: String, _ options: String...,
      sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
      try place.write(name, content)
      let ending = try place.start(
        [Workplace.linear, "data.train=\(name)", "data.validation=null", "--dry-run"] + options
      ).ending()
      #expect(ending.code == 65, sourceLocation: sourceLocation)
      #expect(ending.messages.count == 1, sourceLocation: sourceLocation)
      #expect(
        ending.messages.first?.hasPrefix("\(name):\(reason)") == true, "\(ending.errors)",
        sourceLocation: sourceLocation)
    }

    /// The lines of a plan that say something of data.
    private func plan(_ options: String...) throws -> [String] {
      let ending = try place.start(["--dry-run", Workplace.linear] + options).ending()
      #expect(ending.code == 0, "\(ending.errors)")
      return ending.outputLines.filter { $0.hasPrefix("data: ") || $0.hasPrefix("advice: ") }
    }

    private static let text = "a text of several words"

    @Test func missingColumnsAreNamedWithTheLikelyOne() throws {
      let rows = (0..<5).map { "\(Self.text) \($0),\($0 % 2),\($0 % 3 / 2)\n" }.joined()
      try expectRefusal(
        "a.csv", "comment_text,toxic,obscene\n" + rows,
        "1: there is no column “text”; the text seems to be “comment_text”: set "
          + "data.text_column=comment_text (the columns are “comment_text”, “toxic”, “obscene”)")
      try expectRefusal(
        "b.csv", "comment_text;toxic;obscene\n" + rows.replacing(",", with: ";"),
        "1: there is no column “text”; the text seems to be “comment_text”")
      try expectRefusal(
        "c.tsv", "\(Self.text)\t3,1\teb0\n\(Self.text) again\t3\teb1\n\(Self.text) more\t3\teb2\n",
        "1: there is no column “text”, and this line looks like a row, not like a header "
          + "(1: “a text of several words”, 2: “3,1”, 3: “eb0”); name the columns, as in "
          + #"data.column_names=["text","labels","id"]"#)
      try expectRefusal(
        "d.jsonl", "{\"body\": \"\(Self.text)\", \"tags\": [\"a\"]}\n",
        " there is no key “text”; the text seems to be “body”: set data.text_column=body")
      try expectRefusal(
        "e.jsonl", "{\"text\": \"\(Self.text)\", \"tags\": [\"a\"]}\n",
        " there is no key “labels”; did you mean “tags”? Set data.labels_column=tags")
    }

    @Test func columnsThatHoldNoLabelsAreNamed() throws {
      let rows = (0..<30).map { "\(Self.text) \($0),\($0 % 2),0.\($0),s\($0)\n" }.joined()
      try expectRefusal(
        "a.csv", "text,a,score,source\n" + rows,
        "1: “score” holds “0.1”, and a label is 0 or 1; decide from where on it holds, as in "
          + "df[\"score\"] = (df[\"score\"] >= 0.5).astype(int), or leave it out by "
          + #"data.ignored_columns=["score","source"]"#)
      let named = (0..<30).map { "\(Self.text) \($0),\"r\($0 % 3),b\"\n" }.joined()
      try expectRefusal(
        "b.csv", "text,labels\n" + named,
        "1: “labels” holds “r0,b”, not 0 or 1; if these are names of labels, set "
          + "data.labels_column=labels")
      let words = (0..<30).map { "\(Self.text) \($0),\($0 % 2),\($0 % 3 == 0 ? "yes" : "no")\n" }
      try expectRefusal(
        "w.csv", "text,a,b\n" + words.joined(),
        "1: “b” holds “yes”, and a label is 0 or 1; make it so, as in "
          + "df[\"b\"] = (df[\"b\"] == \"yes\").astype(int)")
      try expectRefusal(
        "i.csv", "text,a\n" + (0..<9).map { "\($0),\(Self.text),\($0 % 2)\n" }.joined(),
        "1: every row has 3 fields and the header 2: rows begin with an index")
      let empty = (0..<30).map { "\(Self.text) \($0),1.0,\n" }.joined()
      try expectRefusal(
        "c.csv", "text,a,b\n" + empty,
        " 30 of the first 30 rows have empty cells in the label columns “b”; "
          + "data.empty_cells=zero makes empty cells 0, data.empty_cells=unknown leaves them out")
    }

    @Test func separatorsOfLabelsAreAsked() throws {
      let rows = (0..<30).map { "\(Self.text) \($0),r\($0 % 3);b\n" }.joined()
      try expectRefusal(
        "a.csv", "text,labels\n" + rows,
        " “labels” holds “r0;b”, which seems to be several labels; set "
          + #"data.labels_separator=";", or if it is one label, data.labels_separator=",""#,
        "data.labels_column=labels")
      for (separator, names) in [(";", "“b” 30, “r0” 10"), (",", "“r0;b” 10")] {
        let lines = try plan(
          "data.train=a.csv", "data.validation=null", "data.labels_column=labels", "data.test=null",
          "data.labels_separator=\"\(separator)\"", "data.validation_fraction=0.01")
        let frequent = lines.first { $0.contains("most frequent labels") } ?? ""
        #expect(frequent.split(separator: "”").count > 1, "\(lines) \(names)")
        #expect(frequent.contains("r0;b") == (separator == ","))
      }
      let unquoted = (0..<9).map { "\(Self.text) \($0),\"[r, b]\"\n" }.joined()
      try expectRefusal(
        "b.csv", "text,labels\n" + unquoted,
        " “labels” holds “[r, b]”, a list of names without quotes; take the brackets off with "
          + "df[\"labels\"].str.strip(\"[]\")", "data.labels_column=labels")
    }

    @Test func quotesThatTakeInRowsAreNoticed() throws {
      var rows = (0..<40).map { "\(Self.text) \($0)\t\($0 % 2)\t\($0 % 3 / 2)\n" }
      rows[4] = "\"" + rows[4]
      rows[20] = "he said \"so\"\t1\t0\n"
      rows[30] = "\"quoted\"\t1\t0\n"
      let content = "text\ta\tb\n" + rows.joined()
      try expectRefusal(
        "a.tsv", content, "6: a quote that opens in this row takes in 16 lines that look like rows")
      let lines = try plan("data.train=a.tsv", "data.validation=null", "data.quoting=none")
      #expect(lines.contains { $0.hasPrefix("data: training: 36 rows") }, "\(lines)")
      try expectRefusal(
        "b.tsv", "text\ta\tb\n" + rows[...19].joined(),
        "6: a quoted field that begins here is never closed; close or double it, or set "
          + "data.quoting=none if quotes are ordinary characters in this file")
      // Texts of several lines are no rows, though they have commas.
      let prose = (0..<9).map { "\"one, two\nthree, four\n\nfive, \($0)\",\($0 % 2),1\n" }
      try place.write("prose.csv", "text,a,b\n" + prose.joined())
      _ = try plan("data.train=prose.csv", "data.validation=null")
    }

    @Test func otherFormatsAreNamed() throws {
      let rows: [(String, String, String)] = [
        ("a.csv", "PK\u{3}\u{4}…", " this is a zip archive; unzip it, and give the file in it"),
        (
          "a.xlsx", "PK\u{3}\u{4}…",
          " this is an Excel workbook; pd.read_excel(\"a.xlsx\").to_csv("
        ),
        ("a.parquet", "PAR1…", " this is Parquet; pd.read_parquet(\"a.parquet\").to_csv("),
        (
          "p.csv", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
          " this is a Git LFS pointer, not the file itself; get the file with: git lfs pull"
        ),
        (
          "f.txt", "__label__a __label__b some text\n",
          " this is fastText's format; JSON Lines is wanted, which this writes: python3 -c"
        ),
        ("w.csv", "\n<!DOCTYPE html>\n<html>", " this is a web page, not the data"),
        ("l.jsonl", "text,a\nx,1\n", " this is not JSON: it begins with “text,a”"),
        (
          "c.json", #"{"text": {"0": "x"}, "a": {"0": 1}}"#,
          " this is JSON as df.to_json(orient=\"columns\") writes it; pd.read_json(\"c.json\""
        ),
        (
          "i.json", #"{"0": {"text": "x"}, "1": {"text": "y"}}"#,
          " this is JSON as df.to_json(orient=\"index\") writes it"
        ),
        (
          "s.json", #"{"columns": ["text"], "index": [0], "data": [["x"]]}"#,
          " this is JSON as df.to_json(orient=\"split\") writes it"
        ),
        ("v.json", #"[["x", 1]]"#, " the elements of this JSON array are no objects with names"),
        ("d.json", "{\n\"data\": [\n{\"text\": \"x\"}]\n}", " the rows lie inside of “data”"),
        (
          "o.json", "{\n\"text\": \"x\",\n\"a\": 1\n}",
          " this is one JSON object over several lines"
        ),
      ]
      for (name, content, reason) in rows { try expectRefusal(name, content, reason) }
    }

    @Test func otherEncodingsAreNamed() throws {
      for (encoding, name) in [(String.Encoding.utf16, "UTF-16"), (.utf16LittleEndian, "UTF-16LE")]
      {
        let bytes = try #require("text,a\nx,1\ny,0\n".data(using: encoding))
        try bytes.write(to: URL(fileURLWithPath: "\(place.path)/u.csv"))
        let ending = try place.train(Workplace.linear, "data.train=u.csv")
        #expect(
          ending.code == 65
            && ending.errors.contains("iconv -f \(name) -t UTF-8 u.csv > utf8-u.csv"),
          "\(ending.errors)")
      }
    }

    @Test func aModelThatGitLFSHasNotFetchedIsNamed() throws {
      #expect(try place.train("training.max_steps=1").code == 0)
      try place.write(
        "run/best/model.safetensors",
        "version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 90888945\n")
      let ending = try place.run(
        "predict", "--model", "run/best", "--input", "test.jsonl", "--output", "p.jsonl")
      #expect(ending.code == 65 && ending.errors.contains("git lfs pull"), "\(ending.errors)")
    }

    @Test func thePlanNamesWhatIsOddInLabels() throws {
      let rows = (0..<30).map { row in
        "\(Self.text) \(row),\(row % 2),\(row % 2),1,\(row % 3 / 2),\(row % 2)\n"
      }
      try place.write("train.csv", "text,a,copy,is_train,b,id\n" + rows.joined())
      try place.write("valid.csv", "text,b,a,more,copy,is_train\n" + rows.joined())
      let lines = try plan("data.train=train.csv", "data.validation=valid.csv", "data.test=null")
      for part in [
        "data: train.csv: fields separated by commas; text “text”, labels 5 columns of 0 and 1, “a”",
        "data: train.csv: “id” holds 0 and 1 again and again: it is taken as a label",
        "data: valid.csv: there is no column for “id” of the training rows: 0 is taken in every row",
        "data: valid.csv: the column “more” is no label of the training rows: passed over",
        "data: most frequent labels: “is_train” 30, “a” 15, “copy” 15, “id” 15, “b” 10",
        "data: labels that hold in every training row: “is_train”",
        "data: labels that hold in the same training rows as another: “copy” as “a”, “id” as “a”",
        "advice: 1 labels hold in every training row",
      ] { #expect(lines.contains { $0.hasPrefix(part) }, "\(part) \(lines)") }
    }
  }
}
