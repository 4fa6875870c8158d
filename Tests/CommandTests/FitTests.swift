// `ddp-train fit`: from a file to a model.

import Foundation
import Testing

extension WholeProgram {
  @Suite(.enabled(if: Program.mpirun != nil, "mpirun is not installed")) struct FitTests {
    let place: Workplace

    init() throws {
      place = try Workplace()
      try place.write("rows.jsonl", place.text("train.jsonl") + place.text("valid.jsonl"))
    }

    private func fit(_ arguments: String..., ranks: Int = 0) throws -> Ending {
      try Program.run(["fit", "rows.jsonl"] + arguments, ranks: ranks, in: place.path)
    }

    @Test func withoutAnEncoderTheLinearModelIsTheResult() throws {
      for ranks in [0, 2] {
        let ending = try fit("--output", "fit-\(ranks)", ranks: ranks)
        #expect(ending.code == 0, "\(ending.errors)")
        #expect(ending.outputLines.contains { $0.contains("No encoder is there") })
        #expect(ending.outputLines.contains { $0.hasPrefix("Chosen by micro_f1_global") })
      }
      for file in ["best/linear.safetensors", "best/thresholds.json", "splits.csv", "results.json"]
      {
        #expect(try place.bytes("fit-0/\(file)") == place.bytes("fit-2/\(file)"), "\(file)")
      }
      let answers = try place.run(
        "predict", "--model", "fit-0/best", "--input", "test.jsonl", "--output", "p.jsonl")
      #expect(answers.code == 0, "\(answers.errors)")
      let again = try fit("--output", "fit-0")
      #expect(again.code == 78 && again.errors.contains("--resume"), "\(again.errors)")
      let resumed = try fit("--output", "fit-0", "--resume")
      #expect(resumed.code == 0, "\(resumed.errors)")
      // It is a run to other commands, though the logs are those of the runs in it.
      let decided = try place.run("thresholds", "fit-0", "--per-label")
      #expect(decided.code == 0, "\(decided.errors)")
      let compared = try place.run("compare", "fit-0", "fit-2")
      #expect(compared.code == 0, "\(compared.errors)")
    }

    @Test func withAnEncoderTheBestOfThreeIsTheResult() throws {
      let made = try place.train("output_dir=made", "training.max_steps=1")
      #expect(made.code == 0, "\(made.errors)")
      for ranks in [0, 2] {
        let ending = try fit(
          "--encoder", "made/best", "--output", "fit-\(ranks)", "--optimize", "macro_f1",
          ranks: ranks)
        #expect(ending.code == 0, "\(ending.errors)")
      }
      let names = ["linear", "encoder", "ensemble"]
      let figures = try names.map { name in
        let run = name == "ensemble" ? "fit-0/ensemble" : "fit-0/\(name)"
        return try place.bytes("\(run)/best/thresholds.json")
      }
      #expect(Set(figures).count == 3)
      let record = try place.json("fit-0/fit.json")
      let chosen = try #require(record["chosen"] as? String)
      #expect(names.contains(chosen))
      #expect(
        try place.bytes("fit-0/best/thresholds.json")
          == place.bytes("fit-0/\(chosen)/best/thresholds.json"))
      // The clock may decide otherwise on another number of ranks; if it does
      // not, nothing differs.
      let other = try place.json("fit-2/fit.json")
      if record["num_train_epochs"] as? Double == other["num_train_epochs"] as? Double,
        record["max_length"] as? Int == other["max_length"] as? Int
      {
        for file in ["encoder/best/model.safetensors", "ensemble/best/model.safetensors"] {
          #expect(try place.bytes("fit-0/\(file)") == place.bytes("fit-2/\(file)"), "\(file)")
        }
      }
      #expect(try place.result("micro_f1", of: "test", "fit-0") > 0)
    }

    @Test func thePlanSaysWhatTheColumnsAre() throws {
      let ending = try fit("--plan", "--output", "none")
      #expect(ending.code == 0, "\(ending.errors)")
      #expect(ending.outputLines.contains { $0.contains("“labels”, a list of names") })
      #expect(!place.exists("none"))
      let wrong = try fit("--text", "texts")
      #expect(wrong.code == 65 && wrong.errors.contains("did you mean “text”?"), "\(wrong.errors)")
      let missing = try fit("--encoder", "nowhere")
      #expect(missing.code == 66, "\(missing.errors)")
    }
  }
}
