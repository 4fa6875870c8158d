// `ddp-train thresholds`: other decisions of a run that has ended.

import Foundation
import Testing

extension WholeProgram {
  @Suite struct ThresholdsTests {
    let place: Workplace

    init() throws {
      place = try Workplace()
      #expect(try place.train("training.num_train_epochs=4").code == 0)
    }

    private func change(_ arguments: String..., ranks: Int = 0, code: Int32 = 0) throws -> Ending {
      let ending = try Program.run(["thresholds"] + arguments, ranks: ranks, in: place.path)
      #expect(ending.code == code, "\(ending.errors)")
      return ending
    }

    private func thresholds(_ model: String = "run/best") throws -> [String: Double] {
      try #require(try place.json("\(model)/thresholds.json") as? [String: Double])
    }

    /// All files of a run's results and decisions.
    private func outputs(_ run: String = "run") throws -> [Data] {
      try ["best/thresholds.json", "best/ddp_train.json", "results.json", "labels.csv"].map {
        try place.bytes("\(run)/\($0)")
      }
    }

    private func figures(of model: String, on data: String) throws -> [String: Any] {
      let ending = try place.run(
        "evaluate", "--model", model, "--data", data, "--output", "figures.json")
      #expect(ending.code == 0, "\(ending.errors)")
      return try place.json("figures.json")
    }

    @Test func theyAreThoseOfARunThatWasTrainedSo() throws {
      let options = ["training.num_train_epochs=4", "output_dir=other"]
      let rules = [
        (["--per-label"], "\"per_label\""), (["--precision", "0.8"], "{\"precision\": 0.8}"),
        (["--top-k", "2"], "{\"top_k\": 2}"), (["--global"], "\"global\""),
      ]
      let before = try outputs()
      for (arguments, value) in rules {
        let ending = try place.start(
          options + ["evaluation.threshold=\(value)", "--overwrite"]
        ).ending()
        #expect(ending.code == 0, "\(ending.errors)")
        for ranks in Program.mpirun == nil ? [0] : [0, 2] {
          let ending = try Program.run(
            ["thresholds", "run"] + arguments, ranks: ranks, in: place.path)
          #expect(ending.code == 0, "\(ending.errors)")
          #expect(try outputs() == outputs("other"), "\(arguments)")
        }
        #expect(
          try place.bytes("run/best/model.safetensors")
            == place.bytes("other/best/model.safetensors"))
      }
      #expect(try outputs() == before, "and back again")
    }

    @Test func theManifestHolds() throws {
      _ = try change("run", "--per-label")
      #expect(Set(try thresholds().values).count > 1)
      let manifest = try place.text("run/best/manifest.json")
      #expect(manifest.contains("thresholds.json"))
      // A resume checks nothing of best/, training from it reads it.
      let evaluation = try figures(of: "run", on: "test.jsonl")
      let expected = try place.result("micro_f1_per_label", of: "test")
      #expect(evaluation["eval_micro_f1_saved"] as? Double == expected)
    }

    @Test func precisionAndRecallAreReached() throws {
      _ = try change("run", "--precision", "0.7")
      let precise = try figures(of: "run", on: "valid.jsonl")
      let precision = try #require(precise["eval_micro_precision_saved"] as? Double)
      #expect(precision >= 0.7)
      _ = try change("run", "--recall", "0.9")
      let complete = try figures(of: "run", on: "valid.jsonl")
      let recall = try #require(complete["eval_micro_recall_saved"] as? Double)
      #expect(recall >= 0.9)
      #expect((precise["eval_micro_recall_saved"] as? Double ?? 1) < recall)
      #expect((complete["eval_micro_precision_saved"] as? Double ?? 1) < precision)
    }

    @Test func theMostProbableLabelsAreGiven() throws {
      _ = try change("run", "--top-k", "2")
      let predicted = try place.run(
        "predict", "--model", "run", "--input", "test.jsonl", "--output", "two.jsonl")
      #expect(predicted.code == 0, "\(predicted.errors)")
      let rows = try place.jsonLines("two.jsonl")
      #expect(rows.allSatisfy { ($0["labels"] as? [Any])?.count == 2 })
      // Precision at two, by decisions.
      let figures = try figures(of: "run", on: "test.jsonl")
      let ranking = try place.run(
        "evaluate", "--model", "run", "--data", "test.jsonl", "--top-k", "2", "--output", "k.json")
      #expect(ranking.code == 0)
      let expected = try #require(try place.json("k.json")["eval_precision_at_2"] as? Double)
      let found = try #require(figures["eval_micro_precision_saved"] as? Double)
      #expect(abs(found - expected) < 1e-12)
      // An option says more than the model.
      let one = try place.run(
        "predict", "--model", "run", "--input", "test.jsonl", "--output", "one.jsonl", "--top-k",
        "1")
      #expect(one.code == 0)
      #expect(
        try place.jsonLines("one.jsonl").allSatisfy { ($0["labels"] as? [Any])?.count == 1 })
      _ = try change("run", "--global")
      let global = try place.run(
        "predict", "--model", "run", "--input", "test.jsonl", "--output", "global.jsonl")
      #expect(global.code == 0)
      #expect(try place.bytes("global.jsonl") != place.bytes("two.jsonl"))
    }

    @Test func aResumedRunDecidesAsItsFilesSay() throws {
      _ = try change("run", "--per-label")
      let changed = try outputs()
      // The config does not name the key: what the command wrote stays.
      let plain = try place.start(["training.num_train_epochs=4", "--resume"]).ending()
      #expect(plain.code == 0, "\(plain.errors)")
      #expect(try outputs() == changed)
      // It does: best/ follows, with a word.
      let named = try place.start(
        ["training.num_train_epochs=4", "--resume", "evaluation.threshold=global"]
      ).ending()
      #expect(named.code == 0 && named.errors.contains("run/best decides by"), "\(named.errors)")
      #expect(Set(try thresholds().values).count == 1)
      #expect(try outputs() != changed)
    }

    @Test func aSavedModelAloneTakesRows() throws {
      #expect(try change("run/best", "--per-label", code: 64).errors.contains("--data"))
      _ = try change("run/best", "--per-label", "--data", "valid.jsonl")
      let alone = try thresholds()
      _ = try change("run", "--global")
      _ = try change("run", "--per-label")
      #expect(try thresholds() == alone)
    }

    @Test func whatCannotBeIsSaid() throws {
      let before = try outputs()
      #expect(try change("run", code: 64).errors.contains("wanted one of --global"))
      #expect(try change("run", "--global", "--per-label", code: 64).errors.contains("found 2"))
      #expect(try change("run", "--precision", "2", code: 64).errors.contains("--precision"))
      #expect(try change("nothing", "--global", code: 66).errors.contains("nothing"))
      // Where nothing is true, nothing that is given is right.
      try place.write("none.jsonl", "{\"text\": \"w00\", \"labels\": []}\n")
      let ending = try change("run", "--precision", "0.5", "--data", "none.jsonl", code: 78)
      #expect(
        ending.errors.contains("no threshold reaches {\"precision\": 0.5"), "\(ending.errors)")
      try FileManager.default.removeItem(atPath: "\(place.path)/run/results.json")
      #expect(try change("run", "--global", code: 78).errors.contains("has not ended"))
      #expect(try outputsButResults() == Array([before[0], before[1], before[3]]))
    }

    private func outputsButResults() throws -> [Data] {
      try ["best/thresholds.json", "best/ddp_train.json", "labels.csv"].map {
        try place.bytes("run/\($0)")
      }
    }
  }
}
