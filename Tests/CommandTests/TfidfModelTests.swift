// A BERT with a linear part beside it: one model, trained, saved, resumed and used as one.

import Foundation
import Testing

extension WholeProgram {
  @Suite(.enabled(if: Program.mpirun != nil, "mpirun is not installed")) struct TfidfModelTests {
    let place: Workplace
    private let short = [
      Workplace.tfidf, "training.num_train_epochs=4",
      "model.tfidf.learning_rate=50",
    ]

    init() throws { place = try Workplace() }

    private func train(_ run: String, _ options: [String], ranks: Int = 0) throws {
      let ending = try place.start(["output_dir=\(run)"] + options, ranks: ranks).ending()
      #expect(ending.code == 0, "\(ending.errors)")
    }

    @Test func ranksDoNotChangeTheResult() throws {
      try place.useManyLabels()
      let short = short + ["training.train_batch_size=48", "training.num_train_epochs=2"]
      for ranks in [0, 2, 4] { try train("run-\(ranks)", short, ranks: ranks) }
      for ranks in [2, 4] {
        #expect(try place.figures("run-\(ranks)") == place.figures("run-0"))
        #expect(try place.linearProducts("run-\(ranks)") == place.linearProducts("run-0"))
      }
      #expect(try !place.linearWeights("run-0/best").joined().isEmpty)
      try train("alone", short + ["model.tfidf=null"])
      #expect(try place.figures("alone") != place.figures("run-0"))
      #expect(!place.exists("alone/best/linear.safetensors"))
    }

    @Test func aStoppedRunGoesOnWithOtherRanks() throws {
      let options =
        short + ["training.num_train_epochs=8", "checkpointing.save_strategy=epoch"]
      try train("whole", options)
      let program = try place.start(options, ranks: 2, prelude: Workplace.tellingIdentifiers)
      #expect(eventually { place.identifiers(2) != nil && place.stepsLogged() >= 10 })
      for identifier in place.identifiers(2) ?? [] { kill(identifier, SIGKILL) }
      #expect(try program.ending().code != 0)
      let second = try place.start(["--resume"] + options, ranks: 4)
      #expect(eventually { place.stepsLogged() >= 30 })
      kill(second.identifier, SIGUSR1)
      #expect(try second.ending().code == 75)
      try train("run", ["--resume"] + options)
      #expect(try place.figures() == place.figures("whole"))
      #expect(try place.linearProducts() == place.linearProducts("whole"))
    }

    @Test func evaluateGivesTheFiguresOfTheTraining() throws {
      try train("run", short, ranks: 2)
      var outputs: [Data] = []
      for ranks in [0, 2] {
        let ending = try place.run(
          "evaluate", "--model", "run/best", "--data", "test.jsonl", "--output", "figures.json",
          ranks: ranks)
        #expect(ending.code == 0, "\(ending.errors)")
        outputs.append(try place.bytes("figures.json"))
      }
      #expect(outputs[0] == outputs[1])
      let figures = try place.json("figures.json")
      #expect(try place.result("loss", of: "test") == figures["eval_loss"] as? Double)
      #expect(
        try place.result("micro_f1_global", of: "test") == figures["eval_micro_f1_saved"] as? Double
      )
    }

    @Test func theLogitsAreTheSumOfBoth() throws {
      try train("run", short)
      func logits(_ model: String) throws -> [[Double]] {
        let ending = try place.run(
          "predict", "--model", model, "--input", "test.jsonl", "--output", "output.jsonl",
          "--logits")
        #expect(ending.code == 0, "\(ending.errors)")
        return try place.jsonLines("output.jsonl").map { try #require($0["logits"] as? [Double]) }
      }
      let both = try logits("run/best")
      let weights = try place.linearWeights("run/best")
      // A copy whose BERT is all there is.
      try FileManager.default.copyItem(
        atPath: "\(place.path)/run/best", toPath: "\(place.path)/bert")
      for file in ["features.tsv", "linear.safetensors"] {
        try FileManager.default.removeItem(atPath: "\(place.path)/bert/\(file)")
      }
      var notes = try place.json("bert/ddp_train.json")
      notes["word_features"] = nil
      let bytes = try JSONSerialization.data(withJSONObject: notes)
      try place.write("bert/ddp_train.json", String(decoding: bytes, as: UTF8.self))
      let alone = try logits("bert")
      let names = try place.text("run/best/features.tsv").split(separator: "\n").dropFirst(8).map {
        $0.split(separator: "\t").last.map(String.init) ?? ""
      }
      #expect(names.count == weights.count)
      // A text of one known word has one feature, of value 1.
      let word = try #require(
        names.indices.first { !names[$0].contains(" ") && !weights[$0].isEmpty })
      try place.write("test.jsonl", "{\"text\": \"\(names[word])\"}\n")
      let (one, other) = (try logits("run/best")[0], try logits("bert")[0])
      var sum = other
      for (label, weight) in weights[word] { sum[label] += Double(weight) }
      // Logits up to 10 are printed to the last digit of a float.
      for (a, b) in zip(one, sum) { #expect(abs(a - b) < 5e-6) }
      #expect(both != alone)
    }

    @Test(arguments: ["true", "1"])
    func aFrozenEncoderIsNoObstacle(frozen: String) throws {
      let options = short + ["training.freeze_encoder=\(frozen)"]
      for ranks in [0, 2] { try train("run-\(ranks)", options, ranks: ranks) }
      #expect(try place.figures("run-2") == place.figures("run-0"))
      #expect(try place.linearProducts("run-2") == place.linearProducts("run-0"))
      let ending = try place.run(
        "evaluate", "--model", "run-0/best", "--data", "valid.jsonl", "--output", "figures.json")
      #expect(ending.code == 0, "\(ending.errors)")
      let loss = try #require(try place.json("figures.json")["eval_loss"] as? Double)
      let trained = try place.result("loss", "run-0")
      #expect(abs(loss - trained) < 1e-5 * trained)
    }

    @Test func aSavedModelWithoutItsFeaturesIsRefused() throws {
      try train("run", short)
      func expect(_ code: Int32, _ text: String) throws {
        let ending = try place.run("evaluate", "--model", "run/best", "--data", "valid.jsonl")
        #expect(ending.code == code && ending.messages.count == 1, "\(ending.errors)")
        #expect(ending.errors.contains(text), "\(ending.errors)")
      }
      let features = try place.text("run/best/features.tsv")
      try FileManager.default.removeItem(atPath: "\(place.path)/run/best/features.tsv")
      try expect(66, "features.tsv")
      try place.write("run/best/features.tsv", features)
      try FileManager.default.removeItem(atPath: "\(place.path)/run/best/linear.safetensors")
      try expect(66, "linear.safetensors")
    }
  }
}
