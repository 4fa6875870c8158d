// Data files in many forms, through the commands that read them.

import Foundation
import Testing

extension WholeProgram {
  @Suite struct DataFormRunTests {
    let place: Workplace
    let rankCounts = Program.mpirun == nil ? [0] : [0, 2]

    init() throws { place = try Workplace() }

    private func quoted(_ row: Row) -> String { "\"\(row.text)\"" }

    private func bits(_ row: Row) -> [String] {
      Workplace.labels.map { row.labels.contains($0) ? "1" : "0" }
    }

    /// Forms of the training rows, each with the options that it needs: the same rows, labels and
    /// ids.
    private func writeForms() throws -> [(name: String, options: [String])] {
      let rows = Workplace.rows(120, seed: 1)
      func delimited(_ separator: String, _ cells: (Row) -> [String], header: [String]) -> String {
        ([header] + rows.map(cells)).map { $0.joined(separator: separator) + "\n" }.joined()
      }
      let header = ["id", "text"] + Workplace.labels
      let wide = { (row: Row) in [row.id, quoted(row)] + bits(row) }
      try place.write("semicolons.csv", "sep=;\n" + delimited(";", wide, header: header))
      try place.write("pipes.csv", delimited("|", wide, header: header))
      try place.write(
        "returns.tsv", delimited("\t", wide, header: header).replacing("\n", with: "\r"))
      try place.write(
        "index.csv",
        delimited(",", { ["9", $0.id, quoted($0)] + bits($0) }, header: ["Unnamed: 0"] + header))
      try place.write(
        "nan.csv",
        delimited(
          ",", { [$0.id, quoted($0)] + bits($0).map { $0 == "1" ? "1.0" : "" } }, header: header))
      try place.write("bare.tsv", delimited("\t", wide, header: []).dropFirst().description)
      try place.write(
        "lists.csv",
        delimited(
          ",",
          { row in
            let names = row.labels.map { "'\($0)'" }.joined(separator: ", ")
            return [row.id, quoted(row), "\"[\(names)]\""]
          }, header: ["id", "text", "tags"]))
      try place.write(
        "bits.csv",
        delimited(
          ",", { [$0.id, quoted($0), "\"[\(bits($0).joined(separator: ", "))]\""] },
          header: ["id", "text", "tags"]))
      try place.write("names.txt", Workplace.labels.joined(separator: "\n"))
      try place.write(
        "array.json",
        "[" + Workplace.lines(rows).dropLast().replacing("}\n{", with: "},\n{") + "]")
      try place.write(
        "keys.jsonl",
        rows.map { row in
          let labels = zip(Workplace.labels, bits(row)).map { "\"\($0)\": \($1)" }
          return "{\"id\": \"\(row.id)\", \"text\": \"\(row.text)\", "
            + "\(labels.joined(separator: ", "))}\n"
        }.joined())
      let zipped = try Program.runOther(["/bin/sh", "-c", "gzip -k '\(place.path)/index.csv'"])
      #expect(zipped.code == 0, "\(zipped.errors)")
      let names = ["id", "text"] + Workplace.labels
      return [
        ("semicolons.csv", []), ("pipes.csv", []), ("returns.tsv", []), ("index.csv", []),
        ("index.csv.gz", []), ("array.json", []), ("keys.jsonl", []),
        ("nan.csv", ["data.empty_cells=zero"]),
        (
          "bare.tsv",
          ["data.column_names=[\(names.map { "\"\($0)\"" }.joined(separator: ","))]"]
        ),
        ("lists.csv", ["data.labels_column=tags"]),
        ("bits.csv", ["data.labels_column=tags", "data.label_names=names.txt"]),
      ]
    }

    @Test func everyFormTrainsToTheSameResult() throws {
      let common = [Workplace.linear, "data.validation=null", "data.test=null"]
      func products(_ run: String) throws -> [Data] {
        try ["best/linear.safetensors", "best/thresholds.json", "results.json", "splits.csv"].map {
          try place.bytes("\(run)/\($0)")
        }
      }
      let first = try place.start(common + ["output_dir=lines"]).ending()
      #expect(first.code == 0, "\(first.errors)")
      for (name, options) in try writeForms() {
        for ranks in rankCounts {
          let ending = try place.start(
            common + options + ["data.train=\(name)", "output_dir=\(name)-\(ranks)"], ranks: ranks
          ).ending()
          #expect(ending.code == 0, "\(name): \(ending.errors)")
          #expect(try products("\(name)-\(ranks)") == products("lines"), "\(name)")
        }
      }
    }

    @Test func fitReadsTheSameForms() throws {
      for (name, options) in try writeForms() where name != "bare.tsv" {
        let flags = options.flatMap { option -> [String] in
          let parts = option.dropFirst("data.".count).split(separator: "=")
          return ["--" + parts[0].replacing("_", with: "-"), String(parts[1])]
        }
        let ending = try Program.run(["fit", name, "--plan"] + flags, in: place.path)
        #expect(ending.code == 0, "\(name): \(ending.errors)")
        #expect(
          ending.output.contains("frequent “label-") == (name != "bits.csv"), "\(ending.output)")
        for column in ["“text”", "“id”"] { #expect(ending.output.contains(column), "\(name)") }
        #expect(
          ["12 columns", "“tags”", "“labels”"].contains(where: ending.output.contains),
          "\(ending.output)")
      }
      let bare = try Program.run(["fit", "bare.tsv", "--plan"], in: place.path)
      #expect(bare.code == 65 && bare.errors.contains("--column-names"), "\(bare.errors)")
    }

    @Test func predictGivesRowsWithoutATextNoLabels() throws {
      #expect(try place.train(Workplace.linear).code == 0)
      try place.write("in.csv", "id,text\n7,w00 w01\n8,\n9,\"w02\nw03\"\n007,  \n")
      for ranks in rankCounts {
        let ending = try place.run(
          "predict", "--model", "run/best", "--input", "in.csv", "--output", "p\(ranks).jsonl",
          "--top-k", "2", "--logits", ranks: ranks)
        #expect(ending.code == 0, "\(ending.errors)")
        #expect(
          ending.errors.contains(
            "note: in.csv: 2 rows have no text (the first one on line 3): such a row gets no labels"
          ), "\(ending.errors)")
        let lines = try place.jsonLines("p\(ranks).jsonl")
        #expect(lines.map { $0["id"] as? String } == ["7", "8", "9", "007"])
        #expect(lines.map { ($0["labels"] as? [Any])?.count } == [2, 0, 2, 0])
        #expect(lines[1]["logits"] is NSNull)
      }
      try place.write("none.csv", "text\n \n\"\"\n")
      let none = try place.run(
        "predict", "--model", "run/best", "--input", "none.csv", "--output", "n.jsonl")
      #expect(none.code == 0, "\(none.errors)")
      #expect(
        try place.text("n.jsonl") == "{\"id\": \"0\", \"labels\": []}\n"
          + "{\"id\": \"1\", \"labels\": []}\n")
      let training = try place.train(Workplace.linear, "data.train=in.csv", "output_dir=other")
      #expect(training.code == 65, "\(training.errors)")
    }

    @Test func predictNeverGivesTwoRowsOneID() throws {
      #expect(try place.train(Workplace.linear).code == 0)
      try place.write("in.csv", "id,text\n1,w00\n2,w01\n,w02\n3,w03\n3,w04\n")
      func predict(_ options: String...) throws -> Ending {
        try Program.run(
          ["predict", "--model", "run/best", "--input", "in.csv", "--output", "p.jsonl"] + options,
          ranks: rankCounts.last ?? 0, in: place.path)
      }
      let refused = try predict()
      #expect(refused.code == 65 && refused.messages.count == 1)
      #expect(
        refused.messages.first?.hasPrefix("in.csv:4: the id “2” is that of line 3 too") == true,
        "\(refused.errors)")
      #expect(!place.exists("p.jsonl"))
      #expect(try predict("--id-column", "").code == 0)
      #expect(
        try place.jsonLines("p.jsonl").map { $0["id"] as? String } == ["0", "1", "2", "3", "4"])
    }

    @Test func rowsWithoutATextAreLeftOutOfTrainingWhereTheKeySaysSo() throws {
      let lines = try place.text("train.jsonl")
      try place.write("gaps.jsonl", "{\"text\": null, \"labels\": []}\n" + lines)
      for start in ["read", "cached"] {
        let ending = try place.train(
          Workplace.linear, "data.train=gaps.jsonl", "data.empty_texts=skip", "--dry-run",
          "output_dir=\(start)")
        #expect(ending.code == 0, "\(ending.errors)")
        #expect(ending.output.contains("gaps.jsonl: 1 row has no text (line 1): left out"))
        #expect(ending.output.contains("training: 120 rows"))
      }
    }
  }
}
