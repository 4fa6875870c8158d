// labels.csv, intervals and the k of the ranking metrics: what shows where F1 is lost.

import Foundation
import Testing

extension WholeProgram {
  @Suite struct LabelTableTests {
    let place: Workplace

    init() throws { place = try Workplace() }

    /// The table's rows as dictionaries; no field of it holds a comma.
    private func table(_ name: String) throws -> [[String: String]] {
      let lines = try place.text(name).components(separatedBy: "\r\n")
      #expect(lines.last == "", "every line ends in CRLF")
      let header = lines[0].split(separator: ",").map(String.init)
      return lines.dropFirst().dropLast().map { line in
        Dictionary(
          uniqueKeysWithValues: zip(
            header, line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)))
      }
    }

    @Test(arguments: ["global", "per_label", "0.3"])
    func theTableAddsUpToTheResults(threshold: String) throws {
      let suffix = ["global": "_global", "per_label": "_per_label"][threshold] ?? "_saved"
      let ending = try place.train("evaluation.threshold=\(threshold)")
      #expect(ending.code == 0, "\(ending.errors)")
      let rows = try table("run/labels.csv")
      #expect(rows.compactMap { $0["label"] } == Workplace.labels)
      let thresholds = try place.json("run/best/thresholds.json")
      for row in rows {
        let threshold = try #require(row["threshold"].flatMap(Double.init))
        let wanted = try #require(thresholds[row["label"] ?? ""] as? Double)
        // JSONSerialization may miss the last bit.
        #expect(abs(threshold - wanted) < 1e-12)
      }
      func sum(_ column: String) -> Double {
        rows.reduce(0) { $0 + ($1[column].flatMap(Double.init) ?? .nan) }
      }
      for part in ["validation", "test"] {
        let (hits, misses) = (sum("\(part)_tp"), sum("\(part)_fn"))
        let micro = 2 * hits / (2 * hits + sum("\(part)_fp") + misses)
        #expect(abs(try place.result("micro_f1\(suffix)", of: part) - micro) < 1e-12)
        let macro = sum("\(part)_f1") / 12
        #expect(abs(try place.result("macro_f1\(suffix)", of: part) - macro) < 1e-12)
        let precision = sum("\(part)_average_precision") / 12
        #expect(abs(try place.result("macro_average_precision", of: part) - precision) < 1e-12)
        #expect(sum("\(part)_positives") == hits + misses)
      }
    }

    @Test func evaluateWritesTheTableOfItsFileOnAnyRanks() throws {
      #expect(try place.train().code == 0)
      var tables: [Data] = []
      for ranks in Program.mpirun == nil ? [0] : [0, 2] {
        let ending = try Program.run(
          [
            "evaluate", "--model", "run/best", "--data", "test.jsonl", "--labels", "labels.csv",
            "--output", "figures.json",
          ], ranks: ranks, in: place.path)
        #expect(ending.code == 0, "\(ending.errors)")
        tables.append(try place.bytes("labels.csv"))
      }
      #expect(tables.allSatisfy { $0 == tables[0] })
      for (ours, run) in zip(try table("labels.csv"), try table("run/labels.csv")) {
        for column in ["positives", "tp", "fp", "fn", "f1", "average_precision"] {
          #expect(ours[column] == run["test_\(column)"])
        }
        #expect(ours["threshold"] == run["threshold"])
      }
      let figures = try place.json("figures.json")
      for name in ["micro_f1_low_global", "macro_f1_high", "micro_f1"] {
        #expect(
          figures["eval_\(name.replacingOccurrences(of: "_global", with: "_saved"))"] as? Double
            == (try place.result(name, of: "test")), "\(name)")
      }
    }

    @Test func namesWithCommasAndQuotesAreQuoted() throws {
      let name = #"a \"b\", c"#
      let rows = Workplace.lines(Workplace.rows(120, seed: 1))
        .replacingOccurrences(of: "label-03", with: name)
      try place.write("train.jsonl", rows)
      #expect(try place.train("training.max_steps=2").code == 0)
      #expect(try place.text("run/labels.csv").contains("\r\n\"a \"\"b\"\", c\","))
    }

    @Test func theModelRemembersTheRanksOfItsMetrics() throws {
      #expect(try place.train("evaluation.top_k=[2, 7]", "training.max_steps=2").code == 0)
      let remembered = try place.run("evaluate", "--model", "run/best", "--data", "test.jsonl")
      #expect(remembered.output.contains("eval_precision_at_7"))
      #expect(!remembered.output.contains("eval_precision_at_5"))
      let asked = try place.run(
        "evaluate", "--model", "run/best", "--data", "test.jsonl", "--top-k", "4", "6")
      #expect(asked.output.contains("eval_ndcg_at_6") && !asked.output.contains("eval_ndcg_at_7"))
      let wrong = try place.run(
        "evaluate", "--model", "run/best", "--data", "test.jsonl", "--top-k", "0")
      #expect(wrong.code == 64)
    }

    @Test func zeroSamplesSwitchTheIntervalsOff() throws {
      #expect(
        try place.train("evaluation.confidence_intervals=false", "training.max_steps=2").code == 0)
      #expect(!(try place.text("run/results.json").contains("_low")))
    }

    @Test(
      .enabled(
        if: ProcessInfo.processInfo.environment["DDP_TRAIN_PYTHON"] != nil,
        "DDP_TRAIN_PYTHON names no Python with scikit-learn"))
    func theTableIsThatOfScikitLearn() throws {
      #expect(try place.train("evaluation.threshold=per_label").code == 0)
      for arguments in [
        ["evaluate", "--model", "run/best", "--data", "test.jsonl", "--labels", "labels.csv"],
        [
          "predict", "--model", "run/best", "--input", "test.jsonl", "--output", "output.jsonl",
          "--logits",
        ],
      ] { #expect(try Program.run(arguments, in: place.path).code == 0) }
      let python = try #require(ProcessInfo.processInfo.environment["DDP_TRAIN_PYTHON"])
      let reference = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../Reference/labels.py").standardized.path
      let compared = try Program.runOther([
        python, reference, "--labels", "\(place.path)/labels.csv", "--data",
        "\(place.path)/test.jsonl", "--predictions", "\(place.path)/output.jsonl",
      ])
      #expect(compared.code == 0, "\(compared.errors)")
    }
  }
}
