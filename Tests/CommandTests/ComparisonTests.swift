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
