// `ddp-train compare`: the figures of `evaluate`, side by side, and what the same rows say of their
// difference.

import Foundation
import Testing

extension WholeProgram {
  @Suite struct ComparisonTests {
    let place: Workplace

    init() throws { place = try Workplace() }

    private func figures(_ runs: [[String: Any]], _ run: Int, _ part: String) -> [String: Any] {
      runs[run][part] as? [String: Any] ?? [:]
    }

    @Test func runsAreComparedOnTheirTestRowsOnAnyRanks() throws {
      #expect(try place.train("training.num_train_epochs=2", "output_dir=short").code == 0)
      #expect(try place.train("output_dir=long").code == 0)
      var written: [Data] = []
      for ranks in Program.mpirun == nil ? [0] : [0, 2] {
        let ending = try Program.run(
          ["compare", "short", "long", "--output", "compare.json"], ranks: ranks, in: place.path)
        #expect(ending.code == 0, "\(ending.errors)")
        let titles = ending.outputLines.compactMap {
          $0.split(separator: "|").first?.trimmingCharacters(in: .whitespaces)
        }
        for row in ["micro-F1", "rare F1", "training steps", "model, MB", "rows/s at prediction"] {
          #expect(titles.filter { $0 == row }.count == 1, "\(row)")
        }
        let text = try place.text("compare.json")
        written.append(Data(text.replacing(/"rows_per_second": .*/, with: "").utf8))
      }
      #expect(written.allSatisfy { $0 == written[0] })
      let runs = try #require(try place.json("compare.json")["runs"] as? [[String: Any]])
      let (short, long) = (figures(runs, 0, "metrics"), figures(runs, 1, "metrics"))
      let evaluation = try place.run(
        "evaluate", "--model", "long/best", "--data", "test.jsonl", "--output", "long.json")
      #expect(evaluation.code == 0)
      let expected = try place.json("long.json")
      for name in ["micro_f1_saved", "macro_f1", "frequent_f1_saved", "precision_at_1"] {
        #expect(long[name] as? Double == expected["eval_\(name)"] as? Double, "\(name)")
      }
      let differences = figures(runs, 1, "difference_to_first")
      let micro = try #require(differences["micro_f1"] as? [String: Double])
      let (low, value, high) = (micro["low"] ?? 1, micro["value"] ?? 0, micro["high"] ?? -1)
      #expect(low < value && value < high && low > 0, "fifteen epochs are better than two")
      let found = (long["micro_f1"] as? Double ?? 0) - (short["micro_f1"] as? Double ?? 0)
      #expect(abs(found - value) < 1e-12)
      #expect((runs[1]["training_seconds"] as? Double ?? 0) > 0)
    }

    @Test func aRunDoesNotDifferFromItself() throws {
      #expect(try place.train("training.max_steps=20").code == 0)
      let ending = try place.run(
        "compare", "run", "run/best", "--data", "valid.jsonl", "--output", "compare.json")
      #expect(ending.code == 0, "\(ending.errors)")
      let runs = try #require(try place.json("compare.json")["runs"] as? [[String: Any]])
      for case let difference as [String: Double] in figures(runs, 1, "difference_to_first").values
      {
        #expect(difference.values.allSatisfy { $0 == 0 })
      }
    }

    private func compare(_ arguments: String..., ranks: Int = 0) throws -> (Ending, [String: Any]) {
      let ending = try Program.run(
        ["compare"] + arguments + ["--output", "compare.json"], ranks: ranks, in: place.path)
      #expect(ending.code == 0, "\(ending.errors)")
      return (ending, try place.json("compare.json"))
    }

    @Test func withoutTestRowsTheValidationRowsAreTaken() throws {
      let options = ["training.max_steps=20", "data.test=null"]
      #expect(try place.start(options + ["output_dir=a"]).ending().code == 0)
      #expect(try place.start(options + ["output_dir=b", "training.seed=5"]).ending().code == 0)
      let (ending, figures) = try compare("a", "b")
      #expect(ending.output.contains("valid.jsonl: 40 rows (validation rows: "))
      #expect(figures["part"] as? String == "validation" && figures["rows"] as? Int == 40)
      let evaluation = try place.run(
        "evaluate", "--model", "b", "--data", "valid.jsonl", "--output", "b.json")
      #expect(evaluation.code == 0, "--model takes a run's directory, too")
      let runs = try #require(figures["runs"] as? [[String: Any]])
      let expected = try place.json("b.json")["eval_micro_f1_saved"] as? Double
      #expect(self.figures(runs, 1, "metrics")["micro_f1_saved"] as? Double == expected)
    }

    @Test func rowsThatAllRunsHeldOutAreTaken() throws {
      let options = ["training.max_steps=20", "data.validation=null", "data.test=null"]
      let shares = ["a": "0.2", "b": "0.3"]
      for (run, share) in shares {
        let ending = try place.start(
          options + ["output_dir=\(run)", "data.validation_fraction=\(share)"]
        ).ending()
        #expect(ending.code == 0, "\(ending.errors)")
      }
      func heldOut(_ run: String) throws -> Set<String> {
        let lines = try place.text("\(run)/splits.csv").components(separatedBy: "\r\n")
        return Set(lines.filter { $0.hasSuffix(",validation") })
      }
      let common = try heldOut("a").intersection(heldOut("b")).count
      #expect(common > 0)
      for ranks in Program.mpirun == nil ? [0] : [0, 2] {
        let (ending, figures) = try compare("a", "b", ranks: ranks)
        #expect(figures["rows"] as? Int == common)
        #expect(!ending.errors.contains("was trained on"), "\(ending.errors)")
      }
    }

    @Test func rowsThatARunWasTrainedOnAreNamed() throws {
      #expect(try place.train("training.max_steps=20", "output_dir=a").code == 0)
      #expect(try place.train("training.max_steps=20", "output_dir=b").code == 0)
      let (ending, figures) = try compare("a", "b", "--data", "train.jsonl")
      for run in ["a", "b"] {
        #expect(
          ending.errors.contains("\(run) was trained on the text of 120 of the 120 rows"),
          "\(ending.errors)")
      }
      let runs = try #require(figures["runs"] as? [[String: Any]])
      #expect(runs.map { $0["rows_trained_on"] as? Int } == [120, 120])
      let (clean, _) = try compare("a", "b", "--data", "valid.jsonl")
      #expect(!clean.errors.contains("was trained on"), "\(clean.errors)")
    }

    @Test func whatCannotBeComparedIsSaid() throws {
      #expect(try place.train("training.max_steps=2").code == 0)
      func message(_ arguments: String..., code: Int32) throws -> String {
        let ending = try Program.run(["compare"] + arguments, in: place.path)
        #expect(ending.code == code, "\(ending.errors)")
        #expect(ending.messages.count == 1, "\(ending.errors)")
        return ending.messages.first ?? ""
      }
      #expect(try message("run", code: 64).contains("two runs or more"))
      #expect(try message("run", "nothing", code: 66).contains("nothing: neither a run"))
      #expect(try message("run", "run/best", code: 64).contains("--data"))
      let fewer = Workplace.lines(Workplace.rows(120, seed: 1))
        .replacing("label-03", with: "label-02")
      try place.write("train.jsonl", fewer)
      let other = try place.train("training.max_steps=2", "output_dir=other", "data.test=null")
      #expect(other.code == 0, "\(other.errors)")
      let lacking = try message("run", "other", "--data", "valid.jsonl", code: 65)
      #expect(lacking.contains("other: lacks the label \"label-03\""))
    }
  }
}
