// report.html: what a run says of itself to a reader.

import Foundation
import Testing

extension WholeProgram {
  @Suite struct ReportTests {
    let place: Workplace

    init() throws { place = try Workplace() }

    /// What the page's scripts draw.
    private func data(_ page: String = "run/report.html") throws -> [String: Any] {
      let text = try place.text(page)
      let match = try #require(
        text.firstMatch(of: /<script type="application\/json" id="data">(.*)<\/script>/))
      return try object(String(match.1))
    }

    private func labels(_ page: String = "run/report.html") throws -> [String: Any] {
      try #require(try data(page)["labels"] as? [String: Any])
    }

    @Test func aRunEndsWithAReportOfItsFigures() throws {
      let ending = try place.train()
      #expect(ending.code == 0, "\(ending.errors)")
      #expect(ending.output.contains("run/report.html"))
      let data = try data()
      #expect(data["part"] as? String == "test")
      let figures = try #require(data["figures"] as? [[String: Any]])
      let micro = try #require(figures.first { $0["title"] as? String == "micro-F1" })
      let value = try #require(micro["value"] as? Double)
      #expect(abs(try place.result("micro_f1_global", of: "test") - value) < 1e-4)
      let labels = try labels()
      #expect(labels["name"] as? [String] == Workplace.labels)
      let counts = try ["tp", "fp", "fn"].map { try #require(labels[$0] as? [Int]).reduce(0, +) }
      let f1 = Double(2 * counts[0]) / Double(2 * counts[0] + counts[1] + counts[2])
      #expect(abs(f1 - (try place.result("micro_f1_global", of: "test"))) < 1e-12)
      let training = try #require(data["training"] as? [String: Any])
      #expect((training["evaluations"] as? [Any])?.count == (try place.events("eval").count))
      #expect(!(try place.text("run/report.html").contains("http://www.w3.org/1999")))
    }

    @Test func scoresHaveTheSameBitsOnAnyRanks() throws {
      try place.useManyLabels()
      for ranks in Program.mpirun == nil ? [0] : [0, 2, 4] {
        let ending = try place.train(
          Workplace.linear, "output_dir=run-\(ranks)", "data.validation=null",
          "training.max_steps=24", ranks: ranks)
        #expect(ending.code == 0, "\(ending.errors)")
        #expect(
          try place.bytes("run-\(ranks)/scores.safetensors")
            == place.bytes("run-0/scores.safetensors"))
      }
    }

    @Test func examplesAreTheRowsThatTheModelErredIn() throws {
      #expect(try place.train("training.num_train_epochs=4").code == 0)
      let data = try data()
      let names = try #require(try labels()["name"] as? [String])
      let rows = try #require(data["rows"] as? [[Any]])
      let source = Dictionary(
        uniqueKeysWithValues: try place.jsonLines("test.jsonl").map { ($0["id"] as! String, $0) })
      let output = try place.run(
        "predict", "--model", "run/best", "--input", "test.jsonl", "--output", "given.jsonl")
      #expect(output.code == 0)
      let given = Dictionary(
        uniqueKeysWithValues: try place.jsonLines("given.jsonl").map { line in
          (
            line["id"] as! String,
            Set((line["labels"] as! [[String: Any]]).map { $0["label"] as! String })
          )
        })
      #expect(!rows.isEmpty)
      for row in rows {
        let id = try #require(row[0] as? String)
        #expect(row[1] as? String == source[id]?["text"] as? String)
        #expect(
          Set((row[2] as! [Int]).map { names[$0] }) == Set(source[id]?["labels"] as! [String]))
        #expect(Set((row[3] as! [Int]).map { names[$0] }) == given[id])
      }
      let examples = try #require(data["examples"] as? [String: [[[Any]]]])
      for (label, kinds) in examples {
        for missed in kinds[0] {
          let row = rows[try #require(missed[0] as? Int)]
          #expect(
            (row[2] as! [Int]).contains(Int(label)!) && !(row[3] as! [Int]).contains(Int(label)!))
        }
        for wrong in kinds[1] {
          let row = rows[try #require(wrong[0] as? Int)]
          #expect(
            !(row[2] as! [Int]).contains(Int(label)!) && (row[3] as! [Int]).contains(Int(label)!))
        }
      }
    }

    @Test func withoutExamplesNoTextAndNoIdIsInTheReport() throws {
      #expect(try place.train("evaluation.report_examples=false").code == 0)
      func isSilent(_ name: String) throws -> Bool {
        let text = try place.text(name)
        let rows = try place.jsonLines("test.jsonl")
        return rows.allSatisfy { row in
          !text.contains("\"\(row["id"] as! String)\"") && !text.contains(row["text"] as! String)
        }
      }
      #expect(try isSilent("run/report.html") && isSilent("run/suspicious.csv"))
      #expect(try place.run("report", "run", "--output", "shown.html").code == 0)
      #expect(try !isSilent("shown.html"))
      #expect(try place.run("report", "run", "--no-examples", "--output", "silent.html").code == 0)
      #expect(try isSilent("silent.html"))
    }

    @Test(arguments: ["moved", "changed"])
    func rowsOfAFileThatIsNotWhatItWasAreLeftOutWithAWord(what: String) throws {
      #expect(try place.train("training.num_train_epochs=3").code == 0)
      let test = "\(place.path)/test.jsonl"
      if what == "moved" {
        try FileManager.default.removeItem(atPath: test)
      } else {
        try place.write("test.jsonl", Workplace.lines(Workplace.rows(30, seed: 9)))
      }
      let ending = try place.run("report", "run")
      #expect(ending.code == 0, "\(ending.errors)")
      #expect(
        ending.errors.contains(
          what == "moved" ? "test.jsonl is not there" : "test.jsonl has changed"))
      let rows = try #require(try data()["rows"] as? [[Any]])
      #expect(!rows.isEmpty && rows.allSatisfy { $0[1] as? String == "" })
    }

    @Test(
      .enabled(if: Fault.areAvailable, "the library of faults is built on Linux only"),
      arguments: ["report.html", "scores.safetensors", "suspicious.csv"])
    func aReportThatCannotBeWrittenCostsAWarning(file: String) throws {
      let fault = Fault("rename", "run/\(file)", .error(ENOSPC))
      let ending = try place.train("training.max_steps=8", prelude: Fault.prelude([fault]))
      #expect(ending.code == 0, "\(ending.errors)")
      #expect(ending.errors.contains("warning: the report was not written"))
      #expect(ending.errors.contains("ddp-train report run"))
      #expect(place.exists("run/results.json") && place.exists("run/best/manifest.json"))
      #expect(try place.events("end").count == 1)
    }

    @Test func twoRunsAreComparedLabelByLabel() throws {
      #expect(try place.train("output_dir=short", "training.num_train_epochs=2").code == 0)
      #expect(try place.train("output_dir=long").code == 0)
      let ending = try place.run("report", "short", "long")
      #expect(ending.code == 0, "\(ending.errors)")
      let base = try #require(try data("long/comparison.html")["base"] as? [String: Any])
      #expect(base["run"] as? String == "short")
      #expect((base["tp"] as? [Int]) == (try labels("short/report.html")["tp"] as? [Int]))
      let difference = try #require(base["micro_f1"] as? [Double])
      let (mine, other) = (
        try place.result("micro_f1_global", of: "test", "long"),
        try place.result("micro_f1_global", of: "test", "short")
      )
      #expect(abs(difference[0] - (mine - other)) < 1e-4)
      #expect(difference[1] <= difference[0] && difference[0] <= difference[2])
      let changed = try #require(base["changed"] as? [[String]])
      #expect(changed.map(\.[0]) == ["training.num_train_epochs"])
    }

    @Test func whatCannotBeReportedIsRefused() throws {
      let missing = try place.run("report", "nowhere")
      #expect(missing.code == 66 && missing.messages.count == 1, "\(missing.errors)")
      #expect(try place.train("training.max_steps=2").code == 0)
      let read = try place.run("report", "run", "--output", "run/results.json")
      #expect(read.code == 64 && read.errors.contains("read by this command"))
      #expect(try place.run("report", "run", "run", "run").code == 64)
      try place.write("test.jsonl", Workplace.lines(Workplace.rows(25, seed: 8)))
      #expect(try place.train("training.max_steps=2", "output_dir=other").code == 0)
      let rows = try place.run("report", "run", "other")
      #expect(rows.code == 64 && rows.errors.contains("different rows"), "\(rows.errors)")
      try place.write("test.jsonl", Workplace.lines(Workplace.rows(30, seed: 3)))
      try place.useManyLabels()
      let ending = try place.train("training.max_steps=2", "output_dir=many")
      #expect(ending.code == 0, "\(ending.errors)")
      let labels = try place.run("report", "run", "many")
      #expect(labels.code == 64 && labels.errors.contains("different labels"), "\(labels.errors)")
    }

    @Test func runsOfOlderVersionsHaveAReportWithoutRows() throws {
      #expect(try place.train("training.max_steps=8").code == 0)
      try FileManager.default.removeItem(atPath: "\(place.path)/run/scores.safetensors")
      let ending = try place.run("report", "run")
      #expect(ending.code == 0 && ending.errors.contains("--resume"), "\(ending.errors)")
      #expect(try data()["thresholds"] == nil)
      #expect(try place.start(["--resume", "training.max_steps=8"]).ending().code == 0)
      #expect(try data()["thresholds"] != nil)
    }
  }
}
