// A linear model of words is trained, saved and used as a BERT is, the same on any number of ranks.

import Foundation
import Testing

extension WholeProgram {
  @Suite(.enabled(if: Program.mpirun != nil, "mpirun is not installed")) struct LinearModelTests {
    let place: Workplace
    static let short = [
      "training.num_train_epochs=3", "training.logging_steps=1",
    ]

    /// Seven steps an epoch.
    private let manyLabels = short + ["training.train_batch_size=48"]

    init() throws { place = try Workplace() }

    @discardableResult
    private func train(_ run: String, _ options: [String], ranks: Int = 0) throws -> Ending {
      let ending = try place.start(
        ["output_dir=\(run)", Workplace.linear] + options, ranks: ranks
      ).ending()
      #expect(ending.code == 0, "\(ending.errors)")
      return ending
    }

    @Test(
      arguments: [
        [],
        ["loss.type=bce", "loss.pos_weight=sqrt_neg_pos", "training.warmup_ratio=0.2"],
        ["loss.type=asymmetric", "data.oversample_rare=0.02"],
        [
          "loss.type=bce", "loss.label_smoothing=0.1", "model.linear.char_ngrams=[2, 4]",
          "model.linear.max_features=400", "model.linear.weight_cutoff=0",
        ],
      ])
    func ranksDoNotChangeTheResult(options: [String]) throws {
      try place.useManyLabels()
      for ranks in [0, 2, 4] { try train("run-\(ranks)", manyLabels + options, ranks: ranks) }
      let figures = try place.figures("run-0")
      #expect(figures.contains { $0.contains("\"eval\"") })
      for ranks in [2, 4] {
        #expect(try place.figures("run-\(ranks)") == figures)
        #expect(try place.linearProducts("run-\(ranks)") == place.linearProducts("run-0"))
      }
    }

    @Test func threeRanksGiveTheSameTwice() throws {
      try place.useManyLabels()
      let options = manyLabels + ["training.microbatches=6"]
      for run in ["run-a", "run-b"] { try train(run, options, ranks: 3) }
      #expect(try place.figures("run-a") == place.figures("run-b"))
      #expect(try place.linearProducts("run-a") == place.linearProducts("run-b"))
    }

    @Test(arguments: ["squared_hinge", "bce", "asymmetric"])
    func whatWordsTellIsLearned(loss: String) throws {
      try train("run", ["loss.type=\(loss)"])
      for part in ["validation", "test"] {
        let constant = try place.result("baseline_micro_f1", of: part)
        let tuned = try place.result("micro_f1_global", of: part)
        // Two words a label say nearly all: a constant answer has less than 0.3.
        #expect(tuned > constant + 0.4, "\(part): \(tuned), constant \(constant)")
      }
    }

    @Test func aSavedModelHoldsNoSmallWeights() throws {
      for cutoff: Float in [0.4, 1.6, 0] {
        let run = "run-\(cutoff)"
        try train(run, Self.short + ["model.linear.weight_cutoff=\(cutoff)"])
        let weights = try place.linearWeights("\(run)/best")
        let features = try place.text("\(run)/best/features.tsv").split(separator: "\n")
        #expect(features.contains("features: \(weights.count)"))
        #expect(weights.joined().allSatisfy { $0.weight != 0 && abs($0.weight) >= cutoff })
        #expect(!weights.joined().isEmpty)
        for row in weights {
          #expect(row.map(\.label) == Set(row.map(\.label)).sorted())
          #expect(row.allSatisfy { (0..<12).contains($0.label) })
        }
      }
      // What is left out is left out of the evaluations, too.
      let counts = try ["run-0.0", "run-0.4", "run-1.6"].map {
        try place.linearWeights("\($0)/best").joined().count
      }
      #expect(counts == counts.sorted(by: >) && Set(counts).count == 3)
      #expect(try place.result("loss", "run-0.0") != place.result("loss", "run-1.6"))
    }

    @Test func aModelWithoutWeightsAnswersWithItsBiases() throws {
      try train("run", Self.short + ["model.linear.weight_cutoff=1e6"], ranks: 2)
      #expect(try place.linearWeights("run/best").joined().isEmpty)
      let lines = try predict("test.jsonl")
      let biases = try biases("run/best")
      for line in lines { #expect(line["logits"] as? [Double] == biases) }
    }

    private func biases(_ model: String) throws -> [Double] {
      let file = try tensors(try place.bytes("\(model)/model.safetensors"))
      let biases: [Float] = values(try #require(file["classifier.bias"]))
      return try biases.map { try #require(Double("\($0)")) }
    }

    private func predict(
      _ input: String, model: String = "run/best", ranks: Int = 0
    ) throws -> [[String: Any]] {
      let ending = try place.run(
        "predict", "--model", model, "--input", input, "--output", "output.jsonl", "--logits",
        ranks: ranks)
      #expect(ending.code == 0, "\(ending.errors)")
      return try place.jsonLines("output.jsonl")
    }

    @Test func rowsWithoutAKnownWordGetTheBiases() throws {
      var rows = Workplace.rows(120, seed: 1)
      rows[7].text = "onlyhere"
      rows[8].text = "."
      rows[9].text = "..."
      try place.write("train.jsonl", Workplace.lines(rows))
      for ranks in [0, 2] { try train("run-\(ranks)", Self.short, ranks: ranks) }
      #expect(try place.figures("run-2") == place.figures("run-0"))
      #expect(try place.linearProducts("run-2") == place.linearProducts("run-0"))
      try place.write(
        "input.jsonl",
        """
        {"id": "a", "text": "neverseen 漢漢"}
        {"id": "b", "text": "a"}
        {"id": "c", "text": "w00 w01"}
        {"id": "d", "text": "! ?"}

        """)
      let lines = try predict("input.jsonl", model: "run-0/best", ranks: 2)
      let biases = try biases("run-0/best")
      #expect(lines.compactMap { $0["id"] as? String } == ["a", "b", "c", "d"])
      for (place, line) in lines.enumerated() {
        #expect((line["logits"] as? [Double] == biases) == (place != 2))
      }
    }

    @Test func evaluateAndPredictAreTheRunsOwnResults() throws {
      try place.useManyLabels()
      try train("run", Self.short + ["loss.type=bce"], ranks: 2)
      var (figures, lines) = ([Data](), [Data]())
      for ranks in [0, 2] {
        let ending = try place.run(
          "evaluate", "--model", "run/best", "--data", "test.jsonl", "--output", "figures.json",
          ranks: ranks)
        #expect(ending.code == 0, "\(ending.errors)")
        figures.append(try place.bytes("figures.json"))
        _ = try predict("test.jsonl", ranks: ranks)
        lines.append(try place.bytes("output.jsonl"))
      }
      #expect(figures[0] == figures[1] && lines[0] == lines[1])
      let evaluated = try place.json("figures.json")
      for name in ["loss", "micro_f1", "macro_f1", "micro_f1_global", "precision_at_1"] {
        let logged = try place.result(name, of: "test")
        let saved = name.replacingOccurrences(of: "_global", with: "_saved")
        #expect(evaluated["eval_\(saved)"] as? Double == logged, "\(name)")
      }
      // The labels that are predicted give the tuned micro-F1.
      let rows = try place.jsonLines("test.jsonl")
      var (right, chosen, wanted) = (0, 0, 0)
      for (row, line) in zip(rows, try place.jsonLines("output.jsonl")) {
        let truth = Set(try #require(row["labels"] as? [String]))
        let labels = try #require(line["labels"] as? [[String: Any]]).compactMap {
          $0["label"] as? String
        }
        right += labels.count { truth.contains($0) }
        chosen += labels.count
        wanted += truth.count
      }
      let score = 2 * Double(right) / Double(chosen + wanted)
      #expect(abs(score - (try place.result("micro_f1_global", of: "test"))) < 1e-9)
      #expect(score > 0.3)
    }

    @Test func theBestModelByF1IsKeptAndPatienceEndsTheRun() throws {
      let options = ["training.num_train_epochs=60", #"early_stopping={"patience": 2}"#]
      for ranks in [0, 2] { try train("run-\(ranks)", options, ranks: ranks) }
      #expect(try place.figures("run-0") == place.figures("run-2"))
      let evaluations = try place.events("eval", "run-0")
      let scores = try evaluations.map { try #require($0["eval_micro_f1_global"] as? Double) }
      let highest = try #require(scores.max())
      let best = try #require(scores.firstIndex(of: highest))
      #expect(best == scores.count - 3 && scores.count < 60)
      let results = try place.json("run-0/results.json")
      #expect(results["ended_by"] as? String == "early_stop")
      #expect(results["best_step"] as? Int == (best + 1) * 8)
      // What is tuned on the validation rows is in the results by folds; what is not is the same.
      #expect(
        try place.result("micro_f1", "run-0") == evaluations[best]["eval_micro_f1"] as? Double)
    }

    @Test func theLossMayDecideWhichModelIsTheBest() throws {
      try train(
        "run", Self.short + ["early_stopping.metric_for_best_model=loss", "loss.type=bce"])
      let losses = try place.events("eval").map { try #require($0["eval_loss"] as? Double) }
      #expect(try place.result("loss") == losses.min())
    }

    @Test func rowsAreSetAsideTheSameOnAllRanks() throws {
      let options = [
        "data.validation=null", "data.test=null", "data.validation_fraction=0.2",
        "data.test_fraction=0.2",
      ]
      for ranks in [0, 2] { try train("run-\(ranks)", Self.short + options, ranks: ranks) }
      let table = try place.text("run-0/splits.csv")
      let parts = table.split(separator: "\r\n").dropFirst().map {
        $0.split(separator: ",").last ?? ""
      }
      #expect(parts.count == 120)
      for (part, count) in [("train", 72), ("validation", 24), ("test", 24)] {
        #expect(abs(parts.count { $0 == part } - count) <= 5)
      }
      #expect(try place.text("run-2/splits.csv") == table)
      #expect(try place.linearProducts("run-2") == place.linearProducts("run-0"))
      let tested = try place.result("micro_f1", of: "test", "run-0")
      #expect(tested > 0)
    }

    @Test func aSweepVariesTheRegularization() throws {
      let options = (Self.short + [Workplace.linear]).flatMap { ["--set", $0] }
      let ending = try Program.run(
        ["sweep", "config.json", "--no-prune", "--vary", "model.linear.l2=1e-6,1e-3", "--vary"]
          + ["model.linear.min_df=1,2"] + options, ranks: 2, in: place.path)
      #expect(ending.code == 0, "\(ending.errors)")
      let sweep = try place.json("run-sweep/sweep.json")
      let variants = try #require(sweep["variants"] as? [[String: Any]])
      #expect(
        variants.compactMap { $0["state"] as? String } == Array(repeating: "finished", count: 4))
      let names = variants.compactMap { $0["directory"] as? String }
      #expect(names.count == 4)
      let models = try names.map { try place.bytes("run-sweep/\($0)/best/linear.safetensors") }
      #expect(Set(models).count == 4)
      // Vocabularies are shared by the variants that have the same, and by no others.
      let last = try #require(names.last)
      let alone = try place.run(
        "run-sweep/\(last)/config.json", "--set", "output_dir=alone", "--overwrite")
      #expect(alone.code == 0, "\(alone.errors)")
      #expect(try place.linearProducts("alone") == place.linearProducts("run-sweep/\(last)"))
    }

    @Test func theVocabularyIsThatOfTheTrainingRows() throws {
      try train("run", Self.short + ["data.validation=null", "data.validation_fraction=0.25"])
      try train(
        "other",
        Self.short + [
          "data.validation=null", "data.validation_fraction=0.25", "data.split_seed=7",
        ])
      let texts = try ["run", "other"].map { try place.text("\($0)/best/features.tsv") }
      #expect(texts.allSatisfy { $0.contains("\ntexts: 90\n") })
      #expect(texts[0] != texts[1])
    }
  }
}
