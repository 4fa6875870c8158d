// A label-attention head: trained, interrupted, saved and used as any other head.

import Foundation
import Testing

extension WholeProgram {
  @Suite(.enabled(if: Program.mpirun != nil, "mpirun is not installed")) struct LabelAttentionTests
  {
    let place: Workplace
    private let attention = ["model.pooling=label_attention", "training.num_train_epochs=4"]

    init() throws { place = try Workplace() }

    private func train(_ run: String, _ options: [String], ranks: Int = 0) throws {
      let ending = try place.start(["output_dir=\(run)"] + options, ranks: ranks).ending()
      #expect(ending.code == 0, "\(ending.errors)")
    }

    private func weights(_ model: String) throws -> [String: [Float]] {
      try tensors(try place.bytes("\(model)/model.safetensors")).mapValues(values)
    }

    @Test(arguments: [[], ["training.freeze_encoder=true"], [Workplace.tfidf]])
    func ranksDoNotChangeTheResult(options: [String]) throws {
      let options = attention + options
      for ranks in [0, 2, 4] { try train("run-\(ranks)", options, ranks: ranks) }
      for ranks in [2, 4] {
        #expect(try place.figures("run-\(ranks)") == place.figures("run-0"))
        #expect(try place.products("run-\(ranks)") == place.products("run-0"))
      }
      let queries = try #require(try weights("run-0/best")["label_attention.weight"])
      #expect(queries.count == 12 * 32 && queries.contains { abs($0) > 1e-3 })
    }

    @Test func aKilledRunGoesOnWithTheSameBits() throws {
      let options = attention + ["checkpointing.save_strategy=steps", "checkpointing.save_steps=5"]
      try train("whole", options)
      let program = try place.start(options, ranks: 2, prelude: Workplace.tellingIdentifiers)
      #expect(eventually { place.identifiers(2) != nil && place.stepsLogged() >= 9 })
      for identifier in place.identifiers(2) ?? [] { kill(identifier, SIGKILL) }
      #expect(try program.ending().code != 0)
      try train("run", ["--resume"] + options, ranks: 4)
      #expect(try place.figures() == place.figures("whole"))
      #expect(try place.products() == place.products("whole"))
    }

    /// With attention at 0 the head is a mean, and the first evaluation is that of the model
    /// of the directory.
    @Test func aModelWithMeanPoolingIsWhereAttentionCanBegin() throws {
      try train("mean", ["training.num_train_epochs=4"])
      let loss = try place.result("loss", "mean")
      let options = [
        "model.config=null", "model.vocab=null", "model.name_or_path=mean/best",
        "training.learning_rate=1e-30", "training.classifier_learning_rate=1e-30",
        "training.max_steps=1", "model.pooling=label_attention",
      ]
      try train("run", options)
      let first = try #require(try place.events("eval").first?["eval_loss"] as? Double)
      #expect(abs(first - loss) < 1e-6 * loss)
    }

    @Test func theRateOfAttentionIsTenTimesTheEncodersUnlessAKeySaysOtherwise() throws {
      try train("default", attention)
      try train("stated", attention + ["training.label_attention_learning_rate=5e-2"])
      #expect(try weights("default/best") == weights("stated/best"))
      try train("still", attention + ["training.label_attention_learning_rate=1e-30"])
      let queries = try #require(try weights("still/best")["label_attention.weight"])
      #expect(queries.allSatisfy { abs($0) < 1e-20 })
      #expect(try weights("still/best") != weights("stated/best"))
    }

    /// What one layer of an encoder computes does not depend on whether all layers are frozen by
    /// number or by name.
    @Test func aFrozenEncoderKeepsItsWeights() throws {
      try train("start", ["training.num_train_epochs=2"])
      let from = [
        "model.config=null", "model.vocab=null", "model.name_or_path=start/best",
        "training.freeze_encoder=true",
      ]
      let plan = try place.start(["--dry-run"] + attention + from).ending()
      #expect(
        plan.output.contains("the encoder is frozen; label attention reads"), "\(plan.output)")
      try train("run", attention + from)
      let (before, after) = (try weights("start/best"), try weights("run/best"))
      for (name, values) in before {
        #expect((values == after[name]) == name.hasPrefix("bert."), "\(name)")
      }
    }

    @Test func otherCommandsTakeSuchAModel() throws {
      try train("run", attention)
      try train("mean", ["training.num_train_epochs=4"])
      try train("linear", [Workplace.linear, "training.num_train_epochs=3"])
      func run(_ arguments: String...) throws -> Ending {
        let ending = try Program.run(arguments, in: place.path)
        #expect(ending.code == 0, "\(ending.errors)")
        return ending
      }
      _ = try run(
        "evaluate", "--model", "run/best", "--data", "test.jsonl", "--output", "figures.json")
      let loss = try place.json("figures.json")["eval_loss"] as? Double
      #expect(try place.result("loss", of: "test") == loss)
      _ = try run("compare", "run", "mean")
      _ = try run("ensemble", "run", "linear", "--output", "both")
      _ = try run("evaluate", "--model", "both", "--data", "test.jsonl")
      #expect(try weights("both")["label_attention.weight"]?.isEmpty == false)
      _ = try run(
        "sweep", "config.json", "--vary", "model.pooling=mean,label_attention", "--set",
        "training.num_train_epochs=2")
    }
  }
}
