// Cells of which nobody knows whether the label holds count nowhere, in every form of a file, on
// any number of ranks and after a resume.

import Foundation
import Testing

extension WholeProgram {
  @Suite(.enabled(if: Program.mpirun != nil, "mpirun is not installed")) struct UnknownCellTests {
    let place: Workplace
    private static let models = [
      "bert": [], "linear": [Workplace.linear], "both": [Workplace.tfidf],
    ]
    private static let short = ["training.num_train_epochs=4"]
    private static let parts = [("train", 120, 1), ("valid", 40, 2), ("test", 30, 3)]

    init() throws {
      place = try Workplace()
      for (part, count, seed) in Self.parts {
        let rows = Workplace.rows(count, seed: UInt64(seed))
        try place.write("\(part).jsonl", Self.lines(rows))
        try place.write("\(part).csv", Self.table(rows, unknown: "-1"))
        try place.write("\(part)-marked.csv", Self.table(rows, unknown: "?"))
        try place.write("\(part)-empty.csv", Self.table(rows, unknown: ""))
        try place.write("\(part)-zero.csv", Self.table(rows, unknown: "0"))
      }
    }

    /// Whether a cell is unknown: about a third of all, also of those where the label would hold,
    /// and all of each tenth row.
    private static func isUnknown(_ row: Int, _ label: Int) -> Bool {
      row % 10 == 9 || (row * 7 + label * 5) % 11 < 3
    }

    private static func lines(_ rows: [Row]) -> String {
      func list(_ labels: [String]) -> String {
        "[" + labels.map { "\"\($0)\"" }.joined(separator: ", ") + "]"
      }
      return rows.enumerated().map { index, row in
        let unknown = Workplace.labels.indices.filter { isUnknown(index, $0) }
          .map { Workplace.labels[$0] }
        let known = row.labels.filter { !unknown.contains($0) }
        return "{\"id\": \"\(row.id)\", \"text\": \"\(row.text)\", \"labels\": \(list(known)), "
          + "\"unknown\": \(list(unknown))}\n"
      }.joined()
    }

    private static func table(_ rows: [Row], unknown: String) -> String {
      let lines = rows.enumerated().map { index, row in
        let cells = Workplace.labels.enumerated().map { label, name in
          isUnknown(index, label) ? unknown : row.labels.contains(name) ? "1" : "0"
        }
        return "\(row.id),\"\(row.text)\",\(cells.joined(separator: ","))\n"
      }
      return "id,text,\(Workplace.labels.joined(separator: ","))\n" + lines.joined()
    }

    private static func files(_ suffix: String) -> [String] {
      ["data.train=train\(suffix)", "data.validation=valid\(suffix)", "data.test=test\(suffix)"]
    }

    @discardableResult
    private func train(_ run: String, _ options: [String], ranks: Int = 0, code: Int32 = 0) throws
      -> Ending
    {
      let ending = try place.start(["output_dir=\(run)"] + options, ranks: ranks).ending()
      #expect(ending.code == code, "\(ending.errors)")
      return ending
    }

    /// What a run found, to the last bit.
    private func results(_ run: String) throws -> [Data] {
      try place.products(run) + [place.bytes("\(run)/labels.csv")]
    }

    @Test(arguments: ["bert", "linear"])
    func everyMarkGivesTheSameResultAndZeroAnother(model: String) throws {
      let options = Self.short + (Self.models[model] ?? [])
      try train("lines", options)
      for (suffix, more) in [
        (".csv", []), ("-marked.csv", ["data.unknown_label=?"]),
        ("-empty.csv", ["data.empty_cells=unknown"]),
      ] {
        try train(suffix, options + Self.files(suffix) + more)
        #expect(try place.figures(suffix) == place.figures("lines"))
        #expect(try results(suffix) == results("lines"))
      }
      try train("zero", options + Self.files("-zero.csv"))
      #expect(try place.figures("zero") != place.figures("lines"))
    }

    @Test(
      arguments: ["bert", "linear", "both"],
      [
        [],
        [
          "loss.type=asymmetric", "loss.label_smoothing=0.1", "loss.pos_weight=sqrt_neg_pos",
          "data.oversample_rare=0.2",
        ],
      ])
    func ranksDoNotChangeTheResult(model: String, more: [String]) throws {
      let options = Self.short + (Self.models[model] ?? []) + more
      for ranks in [0, 2, 4] { try train("run-\(ranks)", options, ranks: ranks) }
      for ranks in [2, 4] {
        #expect(try place.figures("run-\(ranks)") == place.figures("run-0"))
        #expect(try results("run-\(ranks)") == results("run-0"))
      }
    }

    @Test func aStoppedRunGoesOnWithTheSameBits() throws {
      let often = [
        "training.num_train_epochs=16", "checkpointing.save_strategy=steps",
        "checkpointing.save_steps=9", Workplace.tfidf,
      ]
      try train("whole", often)
      let program = try place.start(often, ranks: 2)
      #expect(eventually { place.stepsLogged() >= 20 })
      kill(program.identifier, SIGUSR1)
      #expect(try program.ending().code == 75)
      #expect(try place.start(["--resume"] + often, ranks: 4).ending().code == 0)
      #expect(try place.figures("run") == place.figures("whole"))
      #expect(try results("run") == results("whole"))
    }

    /// The labels of a linear model are trained apart: one of which nothing is known takes nothing
    /// from the others.
    @Test func aLabelOfWhichNothingIsKnownChangesNothingForTheOthers() throws {
      let options = Self.short + [Workplace.linear, "evaluation.threshold=global"]
      try train("twelve", options + Self.files(".csv"))
      for (part, _, _) in Self.parts {
        let lines = try place.text("\(part).csv").split(separator: "\n").map(String.init)
        let wider = [lines[0] + ",nobody-knows"] + lines.dropFirst().map { $0 + ",-1" }
        try place.write("\(part)-wider.csv", wider.joined(separator: "\n") + "\n")
      }
      let ending = try train("thirteen", options + Self.files("-wider.csv"))
      #expect(ending.output.contains("training: labels of which nothing is known: 1"))
      for name in ["loss", "micro_f1", "micro_f1_global", "hamming_accuracy", "coverage_error"] {
        #expect(try place.result(name, "thirteen") == place.result(name, "twelve"), "\(name)")
      }
      func logits(_ run: String) throws -> [[Double]] {
        let ending = try place.run(
          "predict", "--model", "\(run)/best", "--input", "test.jsonl", "--output", "output.jsonl",
          "--logits")
        #expect(ending.code == 0, "\(ending.errors)")
        return try place.jsonLines("output.jsonl").map { try #require($0["logits"] as? [Double]) }
      }
      let (twelve, thirteen) = (try logits("twelve"), try logits("thirteen"))
      #expect(thirteen.map { Array($0.prefix(12)) } == twelve)
      #expect(thirteen.allSatisfy { $0.count == 13 && abs($0[12]) < 1e-6 })
    }

    @Test func figuresAreThoseOfTheKnownCells() throws {
      try train("run", Self.short)
      let ending = try place.run(
        "predict", "--model", "run/best", "--input", "test.jsonl", "--output", "output.jsonl",
        "--logits")
      #expect(ending.code == 0, "\(ending.errors)")
      let logits = try place.jsonLines("output.jsonl").map { $0["logits"] as? [Double] ?? [] }
      let rows = Workplace.rows(30, seed: 3)
      var (hits, decided, positives, known, right) = (0, 0, 0, 0, 0)
      for (index, row) in rows.enumerated() {
        for (label, name) in Workplace.labels.enumerated()
        where !Self.isUnknown(index, label) {
          let (says, holds) = (logits[index][label] >= 0, row.labels.contains(name))
          hits += says && holds ? 1 : 0
          decided += says ? 1 : 0
          positives += holds ? 1 : 0
          right += says == holds ? 1 : 0
          known += 1
        }
      }
      #expect(decided > 0 && known < 300)
      let micro = 2 * Double(hits) / Double(decided + positives)
      #expect(abs(try place.result("micro_f1", of: "test") - micro) < 1e-12)
      let accuracy = Double(right) / Double(known)
      #expect(abs(try place.result("hamming_accuracy", of: "test") - accuracy) < 1e-12)
      let table = try place.text("run/labels.csv")
      #expect(
        table.hasPrefix(
          "label,train_positives,validation_positives,test_positives,"
            + "train_unknown,validation_unknown,test_unknown,threshold,"))
      let unknown = (0..<30).count { Self.isUnknown($0, 0) }
      let first = table.components(separatedBy: "\r\n")[1].split(separator: ",")
      #expect(first[0] == "label-00" && first[6] == "\(unknown)")
    }

    @Test func thePlanTellsHowMuchIsUnknown() throws {
      let plan = try train("run", ["--dry-run"]).output
      let count = (0..<120).reduce(0) { sum, row in
        sum + (0..<12).count { Self.isUnknown(row, $0) }
      }
      #expect(
        plan.contains("training: cells of which nobody knows whether the label holds"), "\(plan)")
      #expect(plan.contains("%): \(count)"))
      #expect(plan.contains("training: labels with most unknown rows: “label-"))
      try train("short", ["training.max_steps=1"])
      let parts = try #require(try place.json("short/audit.json")["parts"] as? [String: Any])
      let training = try #require(parts["training"] as? [String: Any])
      #expect(training["unknown_cells"] as? Int == count)
      let byLabel = try #require(training["unknown_rows_by_label"] as? [String: Int])
      #expect(byLabel.values.reduce(0, +) == count)
    }

    /// Rows of which nothing is known add nothing to any figure, nor to what an ensemble is tuned
    /// by.
    @Test func rowsOfWhichNothingIsKnownChangeNoFigure() throws {
      try train("bert", Self.short)
      try train("linear", Self.short + [Workplace.linear])
      let all = Workplace.labels.map { "\"\($0)\"" }.joined(separator: ", ")
      let silent = Workplace.rows(25, seed: 9).map { row in
        "{\"text\": \"\(row.text)\", \"labels\": [], \"unknown\": [\(all)]}\n"
      }
      try place.write("padded.jsonl", try place.text("valid.jsonl") + silent.joined())
      var figures: [[String: Any]] = []
      for file in ["valid", "padded"] {
        let evaluated = try place.run(
          "evaluate", "--model", "bert/best", "--data", "\(file).jsonl", "--output",
          "\(file).json")
        #expect(evaluated.code == 0, "\(evaluated.errors)")
        let joined = try place.run(
          "ensemble", "bert", "linear", "--data", "\(file).jsonl", "--output", "sum-\(file)")
        #expect(joined.code == 0, "\(joined.errors)")
        figures.append(try place.json("\(file).json"))
      }
      #expect(figures[0]["rows"] as? Int == 40 && figures[1]["rows"] as? Int == 65)
      for (name, value) in figures[0] where name.hasPrefix("eval_") {
        #expect(figures[1][name] as? Double == value as? Double, "\(name)")
      }
      for file in ["model.safetensors", "linear.safetensors", "thresholds.json"] {
        #expect(try place.bytes("sum-valid/\(file)") == place.bytes("sum-padded/\(file)"))
      }
    }

    @Test func aMarkThatNothingDeclaresIsRefused() throws {
      let table = try train(
        "run", Self.files(".csv") + ["data.unknown_label=null"], code: 65)
      #expect(table.errors.contains("train.csv:"))
      #expect(table.errors.contains("holds “-1”, not 0 or 1"))
      #expect(table.errors.contains("set data.unknown_label=\"-1\""))
      let lines = try train("run", ["data.unknown_label=null"], code: 65)
      #expect(lines.errors.contains("data.unknown_label is null"))
      let empty = try train("run", Self.files("-empty.csv"), code: 65)
      #expect(empty.errors.contains("data.empty_cells=unknown leaves them out"))
      let answer = try train("run", ["data.unknown_label=1"], code: 78)
      #expect(answer.errors.contains("data.unknown_label"))
    }
  }
}
