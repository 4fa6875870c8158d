// A sweep is its variants' ordinary runs and one table.

import Foundation
import Testing

extension WholeProgram {
  @Suite(.enabled(if: Program.mpirun != nil, "mpirun is not installed")) struct SweepTests {
    let place: Workplace
    let short = ["training.num_train_epochs=2", "evaluation.confidence_intervals=false"]
    let grid = [
      "--vary", "training.classifier_learning_rate=1e-3,2e-2", "--vary",
      #"loss.pos_weight=none,{"scheme": "neg_pos", "max": 4}"#,
    ]

    init() throws { place = try Workplace() }

    private func start(_ arguments: [String], ranks: Int = 0) throws -> RunningProgram {
      let options = arguments.flatMap {
        $0.contains(".") && $0.contains("=") && !$0.hasPrefix("--") && !isVariation($0, arguments)
          ? ["--set", $0] : [$0]
      }
      return try Program.start(["sweep", "config.json"] + options, ranks: ranks, in: place.path)
    }

    private func isVariation(_ text: String, _ arguments: [String]) -> Bool {
      zip(arguments, arguments.dropFirst()).contains { $0 == "--vary" && $1 == text }
    }

    private func sweep(_ arguments: [String], ranks: Int = 0) throws -> Ending {
      try start(arguments, ranks: ranks).ending()
    }

    /// The record of a sweep without times and paths.
    private func record(_ directory: String) throws -> String {
      try place.text("\(directory)/sweep.json").replacingOccurrences(
        of: #""(seconds|configuration)": [^\n]*"#, with: "", options: .regularExpression)
    }

    private func variants(_ directory: String) throws -> [[String: Any]] {
      try #require(try place.json("\(directory)/sweep.json")["variants"] as? [[String: Any]])
    }

    private func states(_ directory: String) throws -> [String] {
      try variants(directory).compactMap { $0["state"] as? String }
    }

    @Test func theTableIsTheSameOnAnyNumberOfRanks() throws {
      for ranks in [0, 2] {
        let ending = try sweep(short + grid + ["--output", "sweep-\(ranks)"], ranks: ranks)
        #expect(ending.code == 0, "\(ending.errors)")
        #expect(ending.errors.isEmpty, "nothing but the lines of variants and the table")
        #expect(ending.outputLines.filter { $0.hasPrefix("[") }.count == 4)
      }
      #expect(try record("sweep-0") == record("sweep-2"))
      #expect(try states("sweep-0") == Array(repeating: "finished", count: 4))
      // The table is sorted, and its first row is the best.
      let scores = try variants("sweep-0").map { variant -> Double in
        let results = try #require(variant["results"] as? [String: Any])
        return try #require(
          (results["validation"] as? [String: Any])?["micro_f1_global"] as? Double)
      }
      let rows = try place.text("sweep-0/sweep.md").split(separator: "\n").filter {
        $0.hasPrefix("| ") && $0.dropFirst(2).first?.isNumber == true
      }.compactMap { Int($0.dropFirst(2).prefix { $0.isNumber }) }
      #expect(rows == (1...4).sorted { (-scores[$0 - 1], $0) < (-scores[$1 - 1], $1) })
      let best = try #require(rows.first)
      #expect(
        try place.json("sweep-0/sweep.json")["best"] as? String
          == variants("sweep-0")[best - 1]["directory"] as? String)
    }

    @Test func aVariantIsTheRunOfItsConfiguration() throws {
      let ending = try sweep(short + grid)
      #expect(ending.code == 0, "\(ending.errors)")
      let names = try variants("run-sweep").compactMap { $0["directory"] as? String }
      #expect(names[1] == "002-classifier_learning_rate-1e-3-pos_weight-scheme-neg_pos-max")
      for name in names.prefix(2) {
        let alone = try place.run(
          "run-sweep/\(name)/config.json", "--set", "output_dir=alone", "--overwrite", ranks: 2)
        #expect(alone.code == 0, "\(alone.errors)")
        #expect(try place.products("alone") == place.products("run-sweep/\(name)"))
        #expect(try place.figures("alone") == place.figures("run-sweep/\(name)"))
      }
      let best = try place.run("run-sweep/best-config.json")
      #expect(best.code == 0, "\(best.errors)")
      let bestName = try #require(try place.json("run-sweep/sweep.json")["best"] as? String)
      #expect(try place.products("run") == place.products("run-sweep/\(bestName)"))
    }

    @Test(arguments: [SIGTERM, SIGKILL]) func anInterruptedSweepGoesOn(signal: Int32) throws {
      let options =
        ["training.num_train_epochs=8", "checkpointing.save_strategy=steps"]
        + [
          "checkpointing.save_steps=5", "--vary",
          "training.classifier_learning_rate=1e-3,2e-2,5e-3",
        ]
      #expect(try sweep(options + ["--output", "whole"]).code == 0)
      let second = "run-sweep/002-classifier_learning_rate-2e-2"
      let program = try start(options, ranks: signal == SIGTERM ? 2 : 0)
      #expect(eventually { place.stepsLogged(second) >= 12 })
      // mpirun passes SIGUSR1 on and waits for its ranks.
      kill(program.identifier, signal == SIGTERM ? SIGUSR1 : signal)
      let stopped = try program.ending()
      if signal == SIGTERM {
        #expect(stopped.code == 75 && stopped.messages.count == 1, "\(stopped.errors)")
        #expect(try states("run-sweep") == ["finished", "stopped", "waiting"])
      }
      let first = try place.bytes("run-sweep/001-classifier_learning_rate-1e-3/metrics.jsonl")
      let ending = try sweep(options, ranks: 1)
      #expect(ending.code == 0, "\(ending.errors)")
      #expect(try record("run-sweep") == record("whole"))
      #expect(
        try place.products(second) == place.products("whole/002-classifier_learning_rate-2e-2"))
      #expect(try place.events("resume", second).count == 1)
      #expect(
        try place.bytes("run-sweep/001-classifier_learning_rate-1e-3/metrics.jsonl") == first,
        "a variant that is done is left alone")
    }

    @Test func whatIsWrongWithAVariantIsSaidBeforeTheFirstBegins() throws {
      func expect(_ options: [String], _ code: Int32, _ text: String) throws {
        let ending = try sweep(options, ranks: 2)
        #expect(ending.code == code && ending.messages.count == 1, "\(ending.errors)")
        #expect(ending.errors.contains(text), "\(ending.errors)")
        #expect(!place.exists("run-sweep"))
      }
      try expect(
        ["--vary", "training.learnign_rate=1,2"], 78, "did you mean training.learning_rate?")
      try expect(
        ["--vary", "training.learning_rate=1e-3,-1"], 78, "--vary training.learning_rate=-1")
      try expect(["--vary", "model.max_length=32,99"], 78, "model.max_length")
      try expect(["--vary", "loss.pos_weight={\"scheme\""], 64, "--vary loss.pos_weight")
      try expect(["--vary", "training.seed=1..5"], 64, "--random")
      try expect(
        ["--vary", "training.seed=1,2", "--metric", "micro_f1_globla"], 64, "micro_f1_global")
      try expect(["--vary", "training.seed=1", "--vary", "training.seed=2"], 64, "given twice")
      try expect(["--vary", "output_dir=a,b"], 64, "output_dir")
    }

    @Test func aVariantThatDivergesIsALineOfTheTable() throws {
      let options = short + ["--vary", "training.classifier_learning_rate=1e30,2e-2"]
      for _ in 0..<2 {
        let ending = try sweep(options, ranks: 2)
        #expect(ending.code == 0, "\(ending.errors)")
        #expect(try states("run-sweep") == ["diverged", "finished"])
        #expect(try place.text("run-sweep/sweep.md").contains("diverged"))
      }
      let all = try sweep(
        short + ["--vary", "training.classifier_learning_rate=1e30", "--overwrite"])
      #expect(all.code == 76, "nothing to choose from")
    }

    @Test func whatFallsBehindIsGivenUp() throws {
      let options = [
        "training.num_train_epochs=5", "--vary", "training.learning_rate=5e-3,4e-3,6e-3,1e-9",
        "training.classifier_learning_rate=1e-4", "evaluation.confidence_intervals=false",
      ]
      #expect(try sweep(options + ["--prune-after", "4"], ranks: 2).code == 0)
      #expect(try states("run-sweep") == ["finished", "finished", "finished", "pruned"])
      let name = "run-sweep/004-learning_rate-1e-9"
      #expect(try place.events("eval", name).count == 4)
      #expect(try place.json("\(name)/results.json")["ended_by"] as? String == "pruned")
      // Without pruning it is the same run, only longer.
      #expect(try sweep(options + ["--no-prune", "--output", "all"]).code == 0)
      #expect(try states("all").allSatisfy { $0 == "finished" })
      let longer = try place.figures("all/004-learning_rate-1e-9", events: ["eval"])
      #expect(longer.prefix(4) == (try place.figures(name, events: ["eval"]))[...])
    }

    @Test func drawsFollowTheSeedAndKeepTheBounds() throws {
      func names(_ seed: Int) throws -> [String] {
        let ending = try sweep([
          "--vary", "training.learning_rate=log:1e-5..1e-2", "--vary", "training.seed=1..9",
          "--vary",
          "model.pooling=cls,mean", "--random", "12", "--seed", "\(seed)", "--dry-run",
        ])
        #expect(ending.code == 0, "\(ending.errors)")
        return Array(ending.outputLines.dropFirst())
      }
      let drawn = try names(1)
      #expect(drawn.count == 12 && Set(drawn).count == 12)
      #expect(try drawn == names(1) && drawn != names(2))
      for name in drawn {
        let match = try #require(
          name.wholeMatch(of: /\d{3}-learning_rate-(.*)-seed-([1-9])-pooling-(cls|mean)/))
        let rate = try #require(Double(match.1))
        #expect((1e-5...1e-2).contains(rate))
      }
      #expect(!place.exists("run-sweep"))
    }

    @Test func anotherSweepInTheSameDirectoryIsRefused() throws {
      let one = short + ["--vary", "training.seed=1,2"]
      #expect(try sweep(one).code == 0)
      let other = try sweep(short + ["--vary", "training.seed=1,3"])
      #expect(other.code == 78 && other.errors.contains("--overwrite"), "\(other.errors)")
      let same = try sweep(one + ["--metric", "eval_loss"])
      #expect(same.code == 0, "the metric may change: \(same.errors)")
      #expect(try place.json("run-sweep/sweep.json")["metric"] as? String == "loss")
      #expect(try sweep(short + ["--vary", "training.seed=1,3", "--overwrite"]).code == 0)
      #expect(!place.exists("run-sweep/002-seed-2"))
      #expect(place.exists("run-sweep/002-seed-3/results.json"))
    }
  }
}
