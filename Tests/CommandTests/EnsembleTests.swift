// `ddp-train ensemble`: a BERT and a linear model that were trained alone, as one model.

import Foundation
import Testing

extension WholeProgram {
  @Suite(.enabled(if: Program.mpirun != nil, "mpirun is not installed")) struct EnsembleTests {
    let place: Workplace

    init() throws {
      place = try Workplace()
      #expect(try place.train("output_dir=bert", "training.num_train_epochs=4").code == 0)
      let linear = try place.start(
        [Workplace.linear, "output_dir=linear", "training.num_train_epochs=4"]
      ).ending()
      #expect(linear.code == 0, "\(linear.errors)")
    }

    private func ensemble(_ arguments: String..., ranks: Int = 0, code: Int32 = 0) throws -> Ending
    {
      let ending = try Program.run(["ensemble"] + arguments, ranks: ranks, in: place.path)
      #expect(ending.code == code, "\(ending.errors)")
      return ending
    }

    private func logits(_ model: String) throws -> [[Double]] {
      let ending = try place.run(
        "predict", "--model", model, "--input", "test.jsonl", "--output", "output.jsonl", "--logits"
      )
      #expect(ending.code == 0, "\(ending.errors)")
      return try place.jsonLines("output.jsonl").map { try #require($0["logits"] as? [Double]) }
    }

    @Test func theLogitsAreTheSumOfBothAndTheRanksChangeNothing() throws {
      _ = try ensemble("bert", "linear", "--output", "sum", "--scale", "0.5")
      let (bert, linear) = (try logits("bert/best"), try logits("linear/best"))
      for (row, sums) in try logits("sum").enumerated() {
        for (label, sum) in sums.enumerated() {
          #expect(abs(sum - (bert[row][label] + 0.5 * linear[row][label])) < 1e-5)
        }
      }
      for ranks in [0, 2, 4] {
        let ending = try ensemble("bert", "linear", "--output", "sum-\(ranks)", ranks: ranks)
        #expect(ending.outputLines.contains { $0.contains("its logits times") })
      }
      for file in ["model.safetensors", "linear.safetensors", "thresholds.json"] {
        let whole = try place.bytes("sum-0/\(file)")
        for ranks in [2, 4] { #expect(try place.bytes("sum-\(ranks)/\(file)") == whole) }
      }
      let both = try place.run(
        "evaluate", "--model", "sum-0", "--data", "valid.jsonl", "--output", "both.json")
      #expect(both.code == 0, "\(both.errors)")
      let alone = try place.run(
        "evaluate", "--model", "bert/best", "--data", "valid.jsonl", "--output", "alone.json")
      #expect(alone.code == 0, "\(alone.errors)")
      func micro(_ file: String) throws -> Double {
        try #require(try place.json(file)["eval_micro_f1_saved"] as? Double)
      }
      // On the rows that it was tuned on, the sum is no worse than the BERT, which is one
      // of the choices.
      #expect(try micro("both.json") >= micro("alone.json"))
    }

    @Test func thresholdsOfSingleLabelsLeaveTheModelAsItIs() throws {
      _ = try ensemble("bert", "linear", "--output", "global")
      for ranks in [0, 2] {
        _ = try ensemble(
          "bert", "linear", "--threshold", "per_label", "--output", "labels-\(ranks)", ranks: ranks)
      }
      func thresholds(_ model: String) throws -> [String: Double] {
        try #require(try place.json("\(model)/thresholds.json") as? [String: Double])
      }
      #expect(Set(try thresholds("global").values).count == 1)
      let own = try thresholds("labels-0")
      #expect(Set(own.values).count > 1, "thresholds of single labels")
      #expect(try thresholds("labels-2") == own)
      #expect(Set(own.keys) == Set(try thresholds("global").keys))
      for file in ["model.safetensors", "linear.safetensors"] {
        #expect(try place.bytes("labels-0/\(file)") == place.bytes("global/\(file)"))
      }
    }

    @Test func modelsThatMakeNoEnsembleAreNamed() throws {
      func message(_ arguments: String..., code: Int32) throws -> String {
        let ending = try Program.run(["ensemble"] + arguments, in: place.path)
        #expect(ending.code == code, "\(ending.errors)")
        #expect(ending.messages.count == 1, "\(ending.errors)")
        return ending.messages.first ?? ""
      }
      #expect(
        try message("linear", "linear", "--output", "new", code: 65).contains("must be a BERT"))
      #expect(
        try message("bert", "bert", "--output", "new", code: 65).contains("must be a linear model"))
      #expect(
        try message("bert", "linear", "--output", "bert", code: 78).contains("already exists"))
      #expect(
        try message("bert", "linear", "--output", "no/new", code: 66).contains("no such directory"))
      #expect(try message("bert/best", "linear", "--output", "new", code: 64).contains("--data"))
      #expect(!place.exists("new"))
      let old = try Program.run(["join", "bert", "bert", "--output", "new"], in: place.path)
      #expect(old.code == 65 && old.errors.contains("note: the command join is now ensemble"))
    }
  }
}
