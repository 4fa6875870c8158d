// Training remedies change the result as any other key does: by their value, never by the ranks or
// by an interruption.

import Foundation
import Testing

extension WholeProgram {
  @Suite(.enabled(if: Program.mpirun != nil, "mpirun is not installed")) struct RemedyTests {
    let place: Workplace

    init() throws { place = try Workplace() }

    static let remedies = [
      "training.layerwise_lr_decay=0.7", "loss.label_smoothing=0.1", "training.ema_decay=0.8",
      "data.oversample_rare=0.3",
    ]
    private let short = ["training.num_train_epochs=4", "training.lr_scheduler_type=constant"]

    @Test func eachRemedyChangesTheModelAndAllTogetherGiveTheSameBitsOnAnyRanks() throws {
      var models: [Data] = []
      let variants = [[], Self.remedies] + Self.remedies.map { [$0] }
      for (index, remedy) in variants.enumerated() {
        let ending = try place.start(["output_dir=run-\(index)"] + short + remedy).ending()
        #expect(ending.code == 0, "\(ending.errors)")
        models.append(try place.bytes("run-\(index)/best/model.safetensors"))
      }
      #expect(Set(models).count == models.count)
      let figures = try place.figures("run-1")
      for ranks in [2, 4] {
        let ending = try place.start(
          ["output_dir=ranks-\(ranks)"] + short + Self.remedies, ranks: ranks
        ).ending()
        #expect(ending.code == 0, "\(ending.errors)")
        #expect(try place.figures("ranks-\(ranks)") == figures)
        #expect(try place.products("ranks-\(ranks)") == place.products("run-1"))
        for file in ["labels.csv", "audit.json"] {
          #expect(try place.bytes("ranks-\(ranks)/\(file)") == place.bytes("run-1/\(file)"))
        }
      }
    }

    @Test func aRunWithRemediesGoesOnWithTheSameBits() throws {
      let options = short + Self.remedies + ["checkpointing.save_strategy=steps"]
      let saving = ["checkpointing.save_steps=5"]
      #expect(try place.start(["output_dir=whole"] + options + saving).ending().code == 0)
      let steps = place.stepsLogged("whole")
      #expect(steps > 32, "rows are taken more than once")
      let first = try place.start(options + saving + ["training.max_steps=13"], ranks: 2).ending()
      #expect(first.code == 0, "\(first.errors)")
      try FileManager.default.removeItem(atPath: "\(place.path)/run/results.json")
      let second = try place.start(["--resume"] + options + saving, ranks: 4).ending()
      #expect(second.code == 0, "\(second.errors)")
      #expect(try place.events("resume").count == 1)
      // The shorter run also evaluated at its last step.
      let figures = try place.figures(events: ["train"])
      #expect(try figures == place.figures("whole", events: ["train"]))
      #expect(figures.count == steps)
      let last = try place.figures(events: ["eval"]).last
      #expect(try last == place.figures("whole", events: ["eval"]).last)
      #expect(try place.products().last == place.products("whole").last)
    }

    @Test func theBestModelIsTheAverageOfTheWeights() throws {
      let options = short + ["training.ema_decay=0.8"]
      #expect(try place.start(options).ending().code == 0)
      let checkpoint = try #require(
        try place.files().last { $0.hasSuffix("model.safetensors") && $0.contains("/step-") })
      let step = String(checkpoint.dropLast("/model.safetensors".count))
      let best = try evaluate("run/best")
      let logged = try #require(try place.events("eval").last { $0["is_best"] as? Bool == true })
      #expect(best == logged["eval_loss"] as? Double)
      #expect(try evaluate(step) != best, "a checkpoint holds the weights themselves")
    }

    private func evaluate(_ model: String) throws -> Double? {
      let ending = try place.run(
        "evaluate", "--model", model, "--data", "valid.jsonl", "--output", "figures.json")
      #expect(ending.code == 0, "\(ending.errors)")
      return try place.json("figures.json")["eval_loss"] as? Double
    }
  }
}
