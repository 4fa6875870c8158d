// What is wrong with the data or the files of a linear model is said once, with its place.

import Foundation
import Testing

extension WholeProgram {
  @Suite(.enabled(if: Program.mpirun != nil, "mpirun is not installed")) struct LinearInputTests {
    let place: Workplace
    private let short = [Workplace.linear, "training.num_train_epochs=2"]

    init() throws { place = try Workplace() }

    private func expect(
      _ program: RunningProgram, _ code: Int32, _ parts: [String],
      sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
      let ending = try program.ending()
      #expect(ending.code == code, "\(ending.errors)", sourceLocation: sourceLocation)
      #expect(ending.messages.count == 1, "\(ending.errors)", sourceLocation: sourceLocation)
      for part in parts {
        #expect(
          ending.messages.first?.contains(part) == true, "\(ending.errors)",
          sourceLocation: sourceLocation)
      }
    }

    @Test func aVocabularyWithoutWordsIsRefused() throws {
      let message = ["no n-gram", "1000 training rows", "min_df", "data.text_column"]
      try expect(try place.start(short + ["model.linear.min_df=1000"], ranks: 2), 65, message)
      try expect(try place.start(["model.tfidf={\"min_df\": 1000}"]), 65, message)
      #expect(!place.exists("run/best"))
    }

    @Test func ranksWithoutRowsAndWithoutLabelsChangeNothing() throws {
      try place.write(
        "train.jsonl",
        """
        {"text": "good", "labels": ["a"]}
        {"text": "good bad", "labels": ["a", "b"]}

        """)
      try place.write("valid.jsonl", "{\"text\": \"bad\", \"labels\": [\"b\"]}\n")
      let options = short + ["model.linear.min_df=1", "data.test=null"]
      for ranks in [0, 4] {
        let ending = try place.start(["output_dir=run-\(ranks)"] + options, ranks: ranks).ending()
        #expect(ending.code == 0, "\(ending.errors)")
      }
      #expect(try place.figures("run-4") == place.figures("run-0"))
      #expect(try place.linearProducts("run-4") == place.linearProducts("run-0"))
      for ranks in [0, 4] {
        let ending = try place.run(
          "predict", "--model", "run-0/best", "--input", "valid.jsonl", "--output", "o-\(ranks)",
          ranks: ranks)
        #expect(ending.code == 0, "\(ending.errors)")
      }
      #expect(try place.bytes("o-0") == place.bytes("o-4"))
    }

    /// Evaluates with the saved model, or predicts, on some ranks.
    private func expectModel(
      _ code: Int32, _ parts: String..., ranks: Int = 0,
      sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
      let command =
        ranks == 0
        ? ["evaluate", "--model", "run/best", "--data", "valid.jsonl"]
        : ["predict", "--model", "run/best", "--input", "valid.jsonl", "--output", "o.jsonl"]
      try expect(
        try Program.start(command, ranks: ranks, in: place.path), code, parts,
        sourceLocation: sourceLocation)
      #expect(!place.exists("o.jsonl"), sourceLocation: sourceLocation)
    }

    private func replace(_ name: String, _ bytes: Data?) throws {
      let path = "\(place.path)/run/best/\(name)"
      try FileManager.default.removeItem(atPath: path)
      try bytes?.write(to: URL(fileURLWithPath: path))
    }

    @Test func featuresThatAreGoneOrOthersAreNoticed() throws {
      #expect(try place.start(short).ending().code == 0)
      let features = try place.bytes("run/best/features.tsv")
      let text = String(decoding: features, as: UTF8.self)
      try replace("features.tsv", nil)
      try "".write(toFile: "\(place.path)/run/best/features.tsv", atomically: true, encoding: .utf8)
      try expectModel(65, "features.tsv:1: ")
      try replace("features.tsv", Data(text.dropLast(20).utf8))
      try expectModel(65, "features.tsv")
      // Another model's: fewer features, and as many.
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      let count = try #require(Int(lines[7].dropFirst("features: ".count)))
      var fewer = lines
      fewer[7] = "features: \(count - 1)"
      fewer.remove(at: fewer.count - 2)
      try replace("features.tsv", Data(fewer.joined(separator: "\n").utf8))
      try expectModel(65, "features.tsv", "different models")
      var others = lines
      others[lines.count - 2] += "zz"
      try replace("features.tsv", Data(others.joined(separator: "\n").utf8))
      try expectModel(65, "features.tsv", "different models")
      try replace("features.tsv", nil)
      try expectModel(66, "run/best/features.tsv", ranks: 2)
    }

    @Test func weightsThatAreGoneOrDamagedAreNoticed() throws {
      #expect(try place.start(short).ending().code == 0)
      let whole = try place.bytes("run/best/linear.safetensors")
      try replace("linear.safetensors", whole.dropLast(100))
      try expectModel(65, "run/best/linear.safetensors", "truncated", ranks: 2)
      try replace("linear.safetensors", Data())
      try expectModel(65, "run/best/linear.safetensors")
      for (name, problem) in [
        ("linear.labels", "beyond the model's 12"), ("linear.offsets", "ascend"),
      ] {
        try replace("linear.safetensors", try damaged(whole, name))
        try expectModel(65, "run/best/linear.safetensors", problem)
      }
      // The same tensor by another type, and one that is not there.
      let header = String(decoding: whole.prefix(600), as: UTF8.self)
      #expect(header.contains("\"I32\"") && header.contains("\"linear.values\""))
      try replace("linear.safetensors", replacing(whole, "\"I32\"", "\"F32\""))
      try expectModel(65, "run/best/linear.safetensors", "linear.labels")
      try replace("linear.safetensors", replacing(whole, "\"linear.values\"", "\"linear.valuez\""))
      try expectModel(65, "run/best/linear.safetensors")
      try replace("linear.safetensors", nil)
      try expectModel(66, "run/best/linear.safetensors")
    }

    private func replacing(_ file: Data, _ old: String, _ new: String) -> Data {
      var file = file
      if let range = file.range(of: Data(old.utf8)) {
        file.replaceSubrange(range, with: Data(new.utf8))
      }
      return file
    }

    /// The file with a number in the middle of a tensor that cannot be.
    private func damaged(_ file: Data, _ name: String) throws -> Data {
      let values = try #require(try tensors(file)[name])
      let range = try #require(file.range(of: values))
      var damaged = file
      let place = range.lowerBound + values.count / 16 * 8
      for byte in place..<place + 4 { damaged[byte] = 0x7F }
      return damaged
    }

    @Test func aLinearModelIsNoEncoderToBeginWith() throws {
      #expect(try place.start(short).ending().code == 0)
      let fromBest = [
        "model.config=null", "model.vocab=null", "model.name_or_path=run/best", "output_dir=second",
      ]
      try expect(try place.start(fromBest, ranks: 2), 65, ["run/best/config.json", "linear"])
    }

    @Test func aBertDoesNotLoseItsLinearPartUnsaid() throws {
      #expect(try place.start([Workplace.tfidf, "training.num_train_epochs=1"]).ending().code == 0)
      let plan = try place.start([
        "model.config=null", "model.vocab=null", "model.name_or_path=run/best", "output_dir=second",
        "model.pooling=auto", "--dry-run",
      ]).ending()
      #expect(plan.code == 0, "\(plan.errors)")
      #expect(plan.output.contains("linear part"), "\(plan.output)")
    }

    @Test func divergingNamesTheRateOfTheLinearPart() throws {
      try expect(
        try place.start(
          short + [
            "model.linear.learning_rate=1e30", "model.linear.l2=0", "training.warmup_ratio=0",
          ], ranks: 2), 76,
        ["training diverged at step ", "model.linear.learning_rate", "the loss of the rows"])
    }

    @Test func thePlanOfALinearModelSaysNothingOfTokensOrEncoders() throws {
      let plan = try place.start(short + ["--dry-run"]).ending()
      #expect(plan.code == 0, "\(plan.errors)")
      for word in ["max_length", "encoder", "classifier_learning_rate", "[UNK]", "token"] {
        #expect(!plan.output.contains(word), "\(word): \(plan.output)")
      }
    }
  }
}
