// When a run evaluates, when it stops, and which model it keeps.

import Foundation
import Testing

extension WholeProgram {
  @Suite struct EarlyStoppingTests {
    let place: Workplace

    init() throws { place = try Workplace() }

    private func evaluations() throws -> [(step: Int, loss: Double, isBest: Bool)] {
      try place.events("eval").map { event in
        (
          try #require(event["step"] as? Int), try #require(event["eval_loss"] as? Double),
          try #require(event["is_best"] as? Bool)
        )
      }
    }

    @Test(arguments: [1, 3])
    func aLossThatRisesStopsTheRunAndTheBestModelIsKept(patience: Int) throws {
      // A tenth of the rows is learned by heart, which the validation loss does not like.
      try place.write("train.jsonl", Workplace.lines(Workplace.rows(16, seed: 1)))
      let ending = try place.train(
        "training.num_train_epochs=200", "early_stopping.patience=\(patience)",
        "training.warmup_ratio=0", "training.learning_rate=1e-3",
        "training.classifier_learning_rate=2e-3", "early_stopping.metric_for_best_model=loss")
      #expect(ending.code == 0, "\(ending.errors)")
      let evaluations = try evaluations()
      let losses = evaluations.map(\.loss)
      #expect(
        evaluations.map(\.isBest)
          == losses.indices.map { index in losses[..<index].allSatisfy { losses[index] < $0 } })
      // The run stops at the first row of so many evaluations that are not the best, and
      // at no other.
      let gains = evaluations.map { $0.isBest ? "+" : "-" }.joined()
      let stop = try #require(gains.firstRange(of: String(repeating: "-", count: patience)))
      #expect(stop.upperBound == gains.endIndex, "\(gains)")
      let last = evaluations[evaluations.count - 1]
      let best = try #require(evaluations.last { $0.isBest })
      #expect(last.step < 200 && gains.hasPrefix("++"), "\(gains)")
      let results = try place.json("run/results.json")
      #expect(results["best_step"] as? Int == best.step)
      #expect(results["last_step"] as? Int == last.step)
      #expect(results["ended_by"] as? String == "early_stop")
      #expect(try place.result("loss") == best.loss)
      #expect(try place.events("early_stop").map { $0["best_step"] as? Int } == [best.step])
      #expect(try place.events("end").map { $0["reason"] as? String } == ["early_stop"])
      #expect(ending.output.contains("Stopped early after "))
    }

    @Test func theBestModelIsTheBestByTheMetricNamed() throws {
      let ending = try place.train("early_stopping.metric_for_best_model=micro_f1")
      #expect(ending.code == 0, "\(ending.errors)")
      let scores = try place.events("eval").map { try #require($0["eval_micro_f1"] as? Double) }
      let best = try #require(scores.max())
      let results = try place.json("run/results.json")
      #expect(try place.result("micro_f1") == best)
      #expect(results["best_step"] as? Int == ((scores.firstIndex(of: best) ?? 0) + 1) * 8)
    }

    @Test func evaluationsComeAsTheStrategySays() throws {
      let short = ["training.num_train_epochs=2.5", "--overwrite"]
      let steps = ["evaluation.eval_strategy=steps", "evaluation.eval_steps=6"]
      for (strategy, expected) in [([], [8, 16, 20]), (steps, [6, 12, 18, 20])] {
        #expect(try place.start(short + strategy).ending().code == 0)
        #expect(try evaluations().map(\.step) == expected)
      }
      #expect(try place.start(short + ["evaluation.eval_strategy=no"]).ending().code == 0)
      #expect(try evaluations().isEmpty)
      let results = try place.json("run/results.json")
      #expect(results["best_step"] as? Int == 20 && results["validation"] != nil)
    }

    @Test func checkpointsComeAsTheStrategySaysAndTheBestOneStays() throws {
      func checkpoints(_ options: String...) throws -> [String] {
        let ending = try place.start(
          ["training.num_train_epochs=5", "--overwrite"] + options
        ).ending()
        #expect(ending.code == 0, "\(ending.errors)")
        return try FileManager.default.contentsOfDirectory(
          atPath: "\(place.path)/run/checkpoints"
        ).sorted()
      }
      let steps = ["checkpointing.save_strategy=steps", "checkpointing.save_steps=15"]
      #expect(
        try checkpoints(steps[0], steps[1], "checkpointing.save_total_limit=null")
          == ["step-00000015", "step-00000030", "step-00000040"])
      #expect(try checkpoints("checkpointing.save_total_limit=1") == ["step-00000040"])
      #expect(try checkpoints("checkpointing.save_strategy=no") == [])
    }

    @Test func maxStepsEndsTheRunAndItsSchedule() throws {
      #expect(try place.train("training.max_steps=11").code == 0)
      #expect(place.stepsLogged() == 11)
      let rates = try place.events("train").map { try #require($0["learning_rate"] as? Double) }
      // One step of warm-up, then down to a tenth of the highest in the last step.
      #expect(rates[0] == 0 && rates[1] == 5e-3)
      #expect(abs(rates[10] - 5e-4) < 1e-12)
      #expect(try place.json("run/results.json")["last_step"] as? Int == 11)
    }

    @Test func withoutAValidationFileRowsAreSplitOffBySeed() throws {
      func rows(_ seed: Int) throws -> (Double, Any?) {
        let ending = try place.train(
          "data.validation=null", "data.validation_fraction=0.25", "data.test=null",
          "training.seed=\(seed)", "training.max_steps=7", "--overwrite")
        #expect(ending.code == 0, "\(ending.errors)")
        #expect(ending.output.contains("training: 90 rows"))
        #expect(ending.output.contains("validation: 30 rows"))
        #expect(try place.json("run/results.json")["test"] == nil)
        let evaluation = try #require(try evaluations().last)
        return (evaluation.loss, try place.events("train").first?["loss"])
      }
      let (first, again, other) = (try rows(1), try rows(1), try rows(2))
      #expect(first.0 == again.0)
      #expect(first.0 != other.0)
    }
  }
}
