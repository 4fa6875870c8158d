// What training.freeze_encoder freezes stays as it was to the bit, and the rest is trained as
// it would be.

import Foundation
import Testing

extension WholeProgram {
  @Suite(.enabled(if: Program.mpirun != nil, "mpirun is not installed")) struct FrozenEncoderTests {
    let place: Workplace
    /// One update, in which nothing depends on what else is trained.
    let oneStep = [
      "training.max_steps=1", "training.warmup_ratio=0", "training.max_grad_norm=0",
      "model.hidden_dropout_prob=0", "model.attention_probs_dropout_prob=0",
      "evaluation.confidence_intervals=false",
    ]

    /// Has a trained encoder in `start/best`.
    init() throws {
      place = try Workplace()
      let ending = try place.train("output_dir=start", "training.num_train_epochs=2")
      #expect(ending.code == 0, "\(ending.errors)")
    }

    private func encoder(_ pooling: String = "mean") -> [String] {
      [
        "model.config=null", "model.vocab=null", "model.name_or_path=start/best",
        "model.pooling=\(pooling)",
      ]
    }

    private func train(_ run: String, _ options: [String], ranks: Int = 0) throws {
      let ending = try place.start(["output_dir=\(run)"] + options, ranks: ranks).ending()
      #expect(ending.code == 0, "\(ending.errors)")
    }

    private func weights(_ run: String) throws -> [String: Data] {
      try tensors(try place.bytes("\(run)/best/model.safetensors"))
    }

    private func isFrozen(_ name: String, layers: Int) -> Bool {
      name.hasPrefix("bert.embeddings.")
        || (0..<layers).contains { name.hasPrefix("bert.encoder.layer.\($0).") }
    }

    @Test(arguments: [0, 1, 2]) func frozenLayersStayAndOthersAreTrainedAlike(layers: Int) throws {
      try train("all", encoder() + oneStep)
      try train("part", encoder() + oneStep + ["training.freeze_encoder=\(layers)"], ranks: 2)
      let (before, all, part) = (try weights("start"), try weights("all"), try weights("part"))
      #expect(before.count == part.count)
      for (name, values) in part {
        if isFrozen(name, layers: layers) {
          #expect(values == before[name], "\(name) is frozen")
        } else if layers < 2 {
          #expect(values == all[name], "\(name) is trained as without freezing")
          #expect(values != before[name] || name.hasSuffix("key.bias"), "\(name) is trained")
        }
      }
      // With both layers frozen, the features are those of the unfrozen model to rounding.
      if layers == 2 {
        let (one, other) = (try place.figures("all"), try place.figures("part"))
        let losses = try [one, other].map { lines in
          try #require(try object(lines[0])["loss"] as? Double)
        }
        #expect(abs(losses[0] - losses[1]) < 1e-6 * abs(losses[0]))
        #expect(part["classifier.weight"] != before["classifier.weight"])
      }
    }

    @Test(arguments: [("true", "mean"), ("1", "mean"), ("2", "cls")])
    func ranksAndInterruptionsDoNotChangeTheResult(frozen: String, pooling: String) throws {
      let options =
        encoder(pooling) + ["training.freeze_encoder=\(frozen)", "training.num_train_epochs=4"]
        + ["checkpointing.save_strategy=steps", "checkpointing.save_steps=9"]
      for ranks in [0, 2, 4] { try train("run-\(ranks)", options, ranks: ranks) }
      for ranks in [2, 4] {
        #expect(try place.figures("run-\(ranks)") == place.figures("run-0"))
        #expect(try place.products("run-\(ranks)") == place.products("run-0"))
      }
      try train("cut", options + ["training.max_steps=9"], ranks: 2)
      let state = try place.files().filter {
        $0.hasPrefix("cut/checkpoints/step-00000009/optimizer-")
      }
      let bytes = try state.reduce(0) { $0 + (try place.bytes($1).count) }
      let whole = try place.bytes("cut/best/model.safetensors").count
      #expect(bytes < whole, "moments of what is trained only")
    }

    @Test func aResumeGoesOnFromTheSameFeatures() throws {
      let options =
        encoder() + ["training.freeze_encoder=true", "training.num_train_epochs=40"]
        + ["training.logging_steps=1", "checkpointing.save_steps=9"]
        + ["checkpointing.save_strategy=steps", "evaluation.eval_strategy=steps"]
        + ["evaluation.eval_steps=40"]
      try train("whole", options)
      let program = try place.start(options, ranks: 2)
      #expect(eventually { place.stepsLogged() >= 20 })
      kill(program.identifier, SIGUSR1)
      #expect(try program.ending().code == 75)
      let other = try place.start(["--resume"] + options + ["training.freeze_encoder=1"]).ending()
      #expect(other.code == 78 && other.errors.contains("training.freeze_encoder"))
      // Features that are gone or damaged are made again.
      for file in try place.files() where file.hasSuffix(".features") {
        try place.write(file, "damaged")
      }
      try train("run", options + ["--resume"])
      #expect(try place.figures("run") == place.figures("whole"))
      #expect(try place.products("run") == place.products("whole"))
    }

    @Test func aFrozenEncoderIsSavedWithItsTrainedHead() throws {
      for pooling in ["mean", "cls"] {
        let source = pooling == "mean" ? "start" : "start-cls"
        if pooling == "cls" {
          try train("start-cls", ["model.pooling=cls", "training.num_train_epochs=2"])
        }
        var options = encoder(pooling) + ["training.freeze_encoder=true"]
        options.append("model.name_or_path=\(source)/best")
        try train("run-\(pooling)", options + ["training.num_train_epochs=6"], ranks: 2)
        let (before, after) = (try weights(source), try weights("run-\(pooling)"))
        for (name, values) in after where !name.hasPrefix("classifier.") {
          #expect(values == before[name], "\(name) is frozen")
        }
        // The saved model reads text, not features, and gives the figures of the run.
        let ending = try place.run(
          "evaluate", "--model", "run-\(pooling)/best", "--data", "valid.jsonl", "--output",
          "figures-\(pooling).json")
        #expect(ending.code == 0, "\(ending.errors)")
        let loss = try #require(
          try place.json("figures-\(pooling).json")["eval_loss"] as? Double)
        let trained = try place.result("loss", "run-\(pooling)")
        #expect(abs(loss - trained) < 1e-5 * trained)
      }
    }

    @Test func whatCannotBeFrozenIsRefused() throws {
      func expect(_ options: [String], _ text: String) throws {
        let ending = try place.start(["--dry-run"] + options, ranks: 2).ending()
        #expect(ending.code == 78 && ending.messages.count == 1, "\(ending.errors)")
        #expect(ending.errors.contains(text), "\(ending.errors)")
      }
      try expect(encoder() + ["training.freeze_encoder=3"], "2 layers")
      try expect(encoder() + ["training.freeze_encoder=-1"], "training.freeze_encoder")
      try expect(encoder() + ["training.freeze_encoder=all"], "true, false or a number")
      try expect(encoder("cls") + ["training.freeze_encoder=true"], "no pooler")
    }

    @Test func aSweepComputesTheFeaturesOnce() throws {
      let options = (encoder() + ["training.freeze_encoder=true", "training.num_train_epochs=2"])
        .flatMap { ["--set", $0] }
      let ending = try Program.run(
        ["sweep", "config.json", "--vary", "training.classifier_learning_rate=1e-3,1e-2"] + options,
        ranks: 2, in: place.path)
      #expect(ending.code == 0, "\(ending.errors)")
      let features = /[0-9a-f]{16}-[0-9a-f]{16}\.safetensors$/
      #expect(try place.files().filter { $0.contains(features) }.count == 3)
      for name in ["001-classifier_learning_rate-1e-3", "002-classifier_learning_rate-1e-2"] {
        let alone = try place.run(
          "run-sweep/\(name)/config.json", "--set", "output_dir=alone", "--overwrite")
        #expect(alone.code == 0, "\(alone.errors)")
        #expect(try place.products("alone") == place.products("run-sweep/\(name)"))
      }
    }
  }
}
