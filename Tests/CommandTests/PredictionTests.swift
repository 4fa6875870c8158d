// What a saved model says of rows: predict, evaluate, tokenize.

import Foundation
import Testing

extension WholeProgram {
  @Suite struct PredictionTests {
    let place: Workplace
    /// More rows than one round of the ranks predicts at once.
    let rows = Workplace.rows(700, seed: 4)
    let rankCounts = Program.mpirun == nil ? [0] : [0, 1, 2]

    init() throws {
      place = try Workplace()
      let ending = try place.train()
      #expect(ending.code == 0, "\(ending.errors)")
      try place.write("input.jsonl", Workplace.lines(rows))
    }

    /// The lines that predict writes, the same bytes on any number of ranks.
    private func predict(
      _ options: String..., rankCounts: [Int] = [0]
    ) throws -> [[String: Any]] {
      var outputs: [Data] = []
      for ranks in rankCounts {
        let command = [
          "predict", "--model", "run/best", "--input", "input.jsonl", "--output", "output.jsonl",
        ]
        let ending = try Program.run(command + options, ranks: ranks, in: place.path)
        #expect(ending.code == 0, "\(ending.errors)")
        outputs.append(try place.bytes("output.jsonl"))
      }
      #expect(outputs.allSatisfy { $0 == outputs[0] })
      return try place.jsonLines("output.jsonl")
    }

    private func labels(_ line: [String: Any]) throws -> [(label: String, score: Double)] {
      try #require(line["labels"] as? [[String: Any]]).map {
        (try #require($0["label"] as? String), try #require($0["score"] as? Double))
      }
    }

    /// The fields of the lines of a CSV file without quotes.
    private func fields(_ name: String) throws -> [[String]] {
      try place.text(name).components(separatedBy: "\r\n").dropLast().map {
        $0.components(separatedBy: ",")
      }
    }

    private func write(_ name: String, _ options: String..., ranks: Int = 0) throws {
      let ending = try Program.run(
        ["predict", "--model", "run", "--input", "input.jsonl", "--output", name] + options,
        ranks: ranks, in: place.path)
      #expect(ending.code == 0, "\(ending.errors)")
    }

    @Test func aNameThatEndsInCSVGivesAColumnForEachLabel() throws {
      let lines = try predict("--logits")
      var written: [Data] = []
      for ranks in rankCounts {
        try write("wide.csv", ranks: ranks)
        written.append(try place.bytes("wide.csv"))
      }
      #expect(written.allSatisfy { $0 == written[0] })
      let wide = try fields("wide.csv")
      #expect(wide[0] == ["id"] + Workplace.labels && wide.count == rows.count + 1)
      #expect(wide.dropFirst().map { $0[0] } == rows.map(\.id))
      for (line, cells) in zip(lines, wide.dropFirst()) {
        let given = Set(try labels(line).map(\.label))
        #expect(
          cells.dropFirst().elementsEqual(Workplace.labels.map { given.contains($0) ? "1" : "0" }))
      }
      try write("scores.csv", "--scores")
      try write("logits.csv", "--logits")
      let (scores, logits) = (try fields("scores.csv"), try fields("logits.csv"))
      for (row, line) in lines.enumerated() {
        let wanted = try #require(line["logits"] as? [Double])
        #expect(logits[row + 1].dropFirst().map { Double($0) } == wanted)
        for (cell, logit) in zip(scores[row + 1].dropFirst(), wanted) {
          #expect(abs((Double(cell) ?? -1) - 1 / (1 + exp(-logit))) < 1e-6)
        }
      }
    }

    @Test func theLongFormHasALineForEachLabelGiven() throws {
      let lines = try predict()
      try write("long.csv", "--format", "long")
      let long = try fields("long.csv")
      #expect(long[0] == ["id", "label", "score", "probability"])
      var wanted: [[String]] = []
      for line in lines {
        let id = try #require(line["id"] as? String)
        let given = try labels(line)
        if given.isEmpty { wanted.append([id, "", "", ""]) }
        let probabilities = try #require(line["labels"] as? [[String: Any]]).map {
          try #require($0["probability"] as? Double)
        }
        wanted += zip(given, probabilities).map { [id, $0.label, "\($0.score)", "\($1)"] }
      }
      #expect(Array(long.dropFirst()) == wanted)
      try write("lines.csv", "--format", "jsonl")
      #expect(try place.text("lines.csv").hasPrefix("{\"id\""))
      for wrong in [["--explain", "2"], ["--logits", "--scores"]] {
        let ending = try Program.run(
          ["predict", "--model", "run", "--input", "input.jsonl", "--output", "x.csv"] + wrong,
          in: place.path)
        #expect(ending.code == 64 && !place.exists("x.csv"), "\(ending.errors)")
      }
    }

    @Test func probabilitiesAreTheSavedLinesOfTheLogits() throws {
      let lines = try predict("--logits")
      let calibration = try place.json("run/best/calibration.json")
      let slopes = try #require(calibration["slope"] as? [Double])
      let offsets = try #require(calibration["offset"] as? [Double])
      func probability(_ label: Int, _ logit: Double) -> Double {
        1 / (1 + exp(-slopes[label] * logit - offsets[label]))
      }
      try write("probabilities.csv", "--probabilities")
      let cells = try fields("probabilities.csv")
      for (row, line) in lines.enumerated() {
        let logits = try #require(line["logits"] as? [Double])
        for place in Workplace.labels.indices {
          let found = try #require(Double(cells[row + 1][place + 1]))
          #expect(abs(found - probability(place, logits[place])) < 1e-6)
        }
        for label in try #require(line["labels"] as? [[String: Any]]) {
          let name = try #require(label["label"] as? String)
          let place = try #require(Workplace.labels.firstIndex(of: name))
          let found = try #require(label["probability"] as? Double)
          #expect(abs(found - probability(place, logits[place])) < 1e-6)
        }
      }
      // A model of version 0.1 has none: probabilities are refused, other columns stay.
      try FileManager.default.removeItem(atPath: "\(place.path)/run/best/calibration.json")
      let ending = try place.run(
        "predict", "--model", "run", "--input", "input.jsonl", "--output", "none.csv",
        "--probabilities")
      #expect(ending.code == 65 && ending.errors.contains("calibration.json"))
      #expect(try predict().allSatisfy { !"\($0)".contains("probability") })
      let tuned = try place.run("thresholds", "run", "--global")
      #expect(tuned.code == 0 && place.exists("run/best/calibration.json"), "\(tuned.errors)")
    }

    @Test func aCSVFileNeedsNoConfig() throws {
      let texts = rows.prefix(20).map { "\($0.id),\"\($0.text)\",x" }.joined(separator: "\n")
      try place.write("input.csv", "id,comment,other\n\(texts)\n")
      let ending = try place.run(
        "predict", "--model", "run", "--input", "input.csv", "--text-column", "comment",
        "--output", "out.csv")
      #expect(ending.code == 0, "\(ending.errors)")
      try write("all.csv")
      #expect(try Array(fields("all.csv").prefix(21)) == fields("out.csv"))
    }

    @Test func predictKeepsTheOrderOfTheRowsAndTheirIdentifiers() throws {
      let lines = try predict("--logits", rankCounts: rankCounts)
      #expect(lines.map { $0["id"] as? String } == rows.map(\.id))
      let thresholds = try place.json("run/best/thresholds.json")
      for line in lines {
        let logits = try #require(line["logits"] as? [Double])
        let scores = logits.map { 1 / (1 + exp(-$0)) }
        let chosen = try labels(line)
        #expect(chosen.map(\.score) == chosen.map(\.score).sorted(by: >))
        let wanted = zip(Workplace.labels, scores).filter {
          $0.1 >= (thresholds[$0.0] as? Double ?? 0)
        }
        #expect(Set(chosen.map(\.label)) == Set(wanted.map(\.0)))
        for (label, score) in chosen {
          let place = try #require(Workplace.labels.firstIndex(of: label))
          #expect(abs(score - scores[place]) < 1e-6)
        }
      }
      // The model has learned: most rows get a label, and most labels are right.
      let pairs = try zip(lines, rows).flatMap { line, row in
        try labels(line).map { row.labels.contains($0.label) }
      }
      #expect(pairs.count > 350 && pairs.filter { $0 }.count * 2 > pairs.count)
    }

    @Test func topKAndThresholdChooseTheLabels() throws {
      for line in try predict("--top-k", "3") { #expect(try labels(line).count == 3) }
      for line in try predict("--threshold", "0") { #expect(try labels(line).count == 12) }
      let chosen = try predict("--threshold", "0.4").map(labels)
      #expect(chosen.joined().allSatisfy { $0.score >= 0.4 })
      let both = try predict("--threshold", "0.4", "--top-k", "1", rankCounts: rankCounts).map(
        labels)
      #expect(both.map { $0.map(\.label) } == chosen.map { $0.prefix(1).map(\.label) })
    }

    @Test func rowsToPredictNeedNoLabelsAndNoIdentifiers() throws {
      try place.write("input.jsonl", "{\"text\": \"w00 w01\"}\n\n{\"text\": \".\"}\n")
      #expect(try predict().count == 2)
      try place.write("input.csv", "text\n\"w00\nw01\"\n")
      let ending = try place.run(
        "predict", "--model", "run/best", "--input", "input.csv", "--output", "output.jsonl")
      #expect(ending.code == 0, "\(ending.errors)")
      #expect(try place.jsonLines("output.jsonl").count == 1)
    }

    @Test func evaluateGivesTheFiguresOfTheTraining() throws {
      let best = try #require(try place.events("eval").last { $0["is_best"] as? Bool == true })
      var outputs: [Data] = []
      for ranks in rankCounts {
        let ending = try place.run(
          "evaluate", "--model", "run/best", "--data", "valid.jsonl", "--output", "figures.json",
          ranks: ranks)
        #expect(ending.code == 0, "\(ending.errors)")
        #expect(ending.output.contains("eval_micro_f1"))
        outputs.append(try place.bytes("figures.json"))
      }
      #expect(outputs.allSatisfy { $0 == outputs[0] })
      let figures = try place.json("figures.json")
      #expect(figures["rows"] as? Int == 40)
      for (name, value) in best where name.hasPrefix("eval_") {
        // thresholds.json has the one threshold that was tuned for all labels.
        let ours = figures[name.replacing("_global", with: "_saved")] as? Double
        let logged = value as? Double
        let (found, wanted) = (try #require(ours, "\(name)"), try #require(logged))
        #expect(abs(found - wanted) <= 1e-9 * abs(wanted), "\(name)")
      }
      #expect(try place.result("loss") == figures["eval_loss"] as? Double)
    }

    @Test func evaluateSaysWhichLabelsTheModelLacks() throws {
      try place.write("other.jsonl", "{\"text\": \"w00\", \"labels\": [\"label-00\", \"new\"]}\n")
      let ending = try place.run("evaluate", "--model", "run/best", "--data", "other.jsonl")
      #expect(ending.code == 0)
      #expect(ending.output.contains("label \"new\" (1 rows) is not one of the model's: ignored"))
    }

    @Test func aMissingModelOrInputEndsWith66() throws {
      for arguments in [
        ["evaluate", "--model", "no", "--data", "valid.jsonl"],
        ["evaluate", "--model", "run/best", "--data", "no.jsonl"],
        ["predict", "--model", "run/best", "--input", "no.jsonl", "--output", "o.jsonl"],
        ["predict", "--model", "no", "--input", "input.jsonl", "--output", "o.jsonl"],
        ["tokenize", "--model", "no"],
      ] {
        let ending = try Program.run(arguments, in: place.path)
        #expect(ending.code == 66 && ending.messages.count == 1, "\(ending.errors)")
      }
      let ending = try place.run(
        "predict", "--model", "run/best", "--input", "input.jsonl", "--output", "no/o.jsonl")
      #expect(ending.code == 74 && ending.messages.first?.hasPrefix("no/") == true)
    }

    @Test func tokenizeTakesLinesByTheirLineFeeds() throws {
      func identifiers(_ bytes: [UInt8], _ options: String...) throws -> [String] {
        let ending = try Program.run(
          ["tokenize", "--model", "run/best"] + options, in: place.path, input: Data(bytes))
        #expect(ending.code == 0, "\(ending.errors)")
        return ending.outputLines
      }
      // [CLS] is 2, [SEP] 3, [UNK] 1, "w00" 5, "caf" 65, "##e" 66, "漢" 67.
      let text = "w00 W01\r\nCafé漢\u{2028}w00\n\nw02"
      #expect(
        try identifiers(Array(text.utf8)) == [
          "[2, 5, 6, 3]", "[2, 65, 66, 67, 5, 3]", "[2, 3]", "[2, 7, 3]",
        ])
      #expect(try identifiers([0x77, 0x30, 0x30, 0x20, 0xFF, 0x0A]) == ["[2, 5, 3]"])
      #expect(
        try identifiers(Array("w00 w01 w02 w03\n".utf8), "--max-length", "4") == ["[2, 5, 6, 3]"])
      #expect(try identifiers([]) == [])
    }
  }
}
