// The same rows in another form train to the same result.

import Foundation
import Testing

extension WholeProgram {
  @Suite struct DataFormTests {
    let place: Workplace

    init() throws { place = try Workplace() }

    private func quoted(_ text: String) -> String {
      "\"" + text.replacingOccurrences(of: "\"", with: "\"\"") + "\""
    }

    /// Rows with what CSV has to quote: commas, quotes, line breaks.
    private func rows(_ count: Int, _ seed: UInt64) -> [Row] {
      Workplace.rows(count, seed: seed).enumerated().map { index, row in
        var row = row
        row.text += [" , \"w03\" w04", "\nw05\n", "", " 漢 café"][index % 4]
        return row
      }
    }

    private func writeForms(_ name: String, _ rows: [Row]) throws {
      let json = try rows.map { row in
        let object: [String: Any] = ["id": row.id, "text": row.text, "labels": row.labels]
        return String(
          decoding: try JSONSerialization.data(withJSONObject: object), as: UTF8.self) + "\n"
      }
      try place.write("\(name)-lines.jsonl", json.joined())
      let wide = rows.map { row in
        let cells = Workplace.labels.map { row.labels.contains($0) ? "1" : "0" }
        return "\(row.id),\(quoted(row.text)),\(cells.joined(separator: ","))\r\n"
      }
      let header = "id,text,\(Workplace.labels.joined(separator: ","))\r\n"
      try place.write("\(name)-wide.csv", header + wide.joined())
      let listed = rows.map { row in
        "\(row.labels.joined(separator: "|"))\t\(quoted(row.text))\t\(row.id)\n"
      }
      try place.write("\(name)-listed.tsv", "tags\tbody\tkey\n" + listed.joined())
    }

    @Test func everyFormTrainsToTheSameResult() throws {
      try writeForms("train", rows(120, 1))
      try writeForms("valid", rows(40, 2))
      try writeForms("test", rows(30, 3))
      let columns = [
        "data.text_column=body", "data.id_column=key", "data.labels_column=tags",
        "data.labels_separator=|",
      ]
      for (form, options) in [("lines.jsonl", []), ("wide.csv", []), ("listed.tsv", columns)] {
        let files = ["train", "valid", "test"].map { "\($0)-\(form)" }
        let ending = try place.start(
          [
            "output_dir=\(form)", "data.train=\(files[0])", "data.validation=\(files[1])",
            "data.test=\(files[2])", "training.num_train_epochs=3",
          ] + options
        ).ending()
        #expect(ending.code == 0, "\(ending.errors)")
        #expect(try place.figures(form) == place.figures("lines.jsonl"))
        #expect(try place.products(form) == place.products("lines.jsonl"))
      }
    }

    @Test func aLabelWithoutPositivesIsTrainedLikeAnyOther() throws {
      let rows = Workplace.rows(120, seed: 1)
      let lines = rows.map { row in
        "\(quoted(row.text)),0,\(row.labels.contains("label-00") ? 1 : 0)\n"
      }
      try place.write("train.csv", "text,never,label-00\n" + lines.joined())
      let ending = try place.train(
        "data.train=train.csv", "training.num_train_epochs=2",
        #"loss.pos_weight={"scheme": "neg_pos"}"#)
      #expect(ending.code == 0, "\(ending.errors)")
      #expect(ending.output.contains("labels without a positive row: 1"))
      #expect(ending.output.contains("labels that training lacks, ignored"))
      #expect(try place.result("loss") > 0)
    }

    @Test func aSecondStartReadsTheTokensFromTheCache() throws {
      #expect(try place.train("--dry-run").code == 0)
      let files = try place.files().filter { $0.hasPrefix("cache/") }
      #expect(files.count == 3)
      #expect(try place.train("training.max_steps=3", "output_dir=first").code == 0)
      #expect(
        try place.train("training.max_steps=3", "output_dir=second", "data.cache_dir=other").code
          == 0)
      #expect(try place.figures("first") == place.figures("second"))
      // A file that has changed is read again.
      try place.write("train.jsonl", Workplace.lines(Workplace.rows(90, seed: 5)))
      #expect(try place.train("--dry-run").output.contains("training: 90 rows"))
    }
  }
}
