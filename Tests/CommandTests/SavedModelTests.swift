// A saved model is one that training and Hugging Face begin with.

import Foundation
import Testing

extension WholeProgram {
  @Suite struct SavedModelTests {
    let place: Workplace

    init() throws { place = try Workplace() }

    private let fromBest = [
      "model.config=null", "model.vocab=null", "model.name_or_path=run/best", "model.pooling=auto",
      "output_dir=second",
    ]

    @Test(arguments: ["mean", "cls", "label_attention"])
    func trainingFromASavedClassifierBeginsAtItsLoss(pooling: String) throws {
      #expect(try place.train("model.pooling=\(pooling)").code == 0)
      let trained = try place.result("loss")
      // A rate of nearly nothing: the first evaluation is that of the model as it was loaded.
      let still = [
        "training.learning_rate=1e-30", "training.classifier_learning_rate=1e-30",
        "training.max_steps=1",
      ]
      #expect(try place.start(fromBest + still).ending().code == 0)
      let evaluation = try #require(try place.events("eval", "second").first)
      #expect(evaluation["eval_loss"] as? Double == trained)
    }

    @Test(arguments: ["mean", "label_attention"])
    func aClassifierWhoseLabelsStandInAnotherOrderIsPutInTheDatas(pooling: String) throws {
      #expect(try place.train("model.pooling=\(pooling)").code == 0)
      let before = try evaluate("run/best")
      try reverseLabels("run/best")
      let plan = try place.start(fromBest + ["--dry-run"]).ending()
      #expect(plan.output.contains("the classifier is the directory's"), "\(plan.errors)")
      // A label in another column of the product may be computed by another of the library's loops,
      // for the edge of the matrix, and rounded otherwise: on some processors it is.
      let (old, new) = (
        before["eval_loss"] as? Double, try evaluate("run/best")["eval_loss"] as? Double
      )
      #expect(
        abs(try #require(old) - #require(new)) < 1e-7 * (old ?? 0), "\(String(describing: new))")
      let still = [
        "training.learning_rate=1e-30", "training.classifier_learning_rate=1e-30",
        "training.max_steps=1",
      ]
      #expect(try place.start(fromBest + still).ending().code == 0)
      let after = try evaluate("second/best")
      for (name, value) in before where name.hasPrefix("eval_") && !name.hasSuffix("_saved") {
        #expect(after[name] as? Double == value as? Double, "\(name)")
      }
      let labels = try #require(
        try place.json("second/best/config.json")["id2label"] as? [String: String])
      #expect((0..<12).map { labels["\($0)"] } == Workplace.labels)
    }

    @Test func otherLabelsGetANewClassifier() throws {
      #expect(try place.train("training.num_train_epochs=1").code == 0)
      let more = Row(id: "more", text: "w00", labels: ["label-99"])
      try place.write("train.jsonl", Workplace.lines(Workplace.rows(120, seed: 1) + [more]))
      let plan = try place.start(fromBest + ["--dry-run"]).ending()
      #expect(plan.code == 0 && plan.output.contains("new classifier"), "\(plan.errors)")
    }

    @Test func aModelOfTheFirstVersionIsRead() throws {
      for (pooling, name) in [("mean", "MeanPooling"), ("label_attention", "LabelAttention")] {
        #expect(try place.train("model.pooling=\(pooling)", "--overwrite").code == 0)
        let before = try evaluate("run/best")
        // What 0.1.0 wrote: a plain BERT by its type, its head by the name of a class.
        var configuration = try place.json("run/best/config.json")
        configuration["model_type"] = "bert"
        configuration["pooling"] = nil
        configuration["architectures"] = ["\(name)BertForSequenceClassification"]
        configuration["auto_map"] = nil
        try write(configuration, "run/best/config.json")
        #expect(try evaluate("run/best")["eval_loss"] as? Double == before["eval_loss"] as? Double)
        let plan = try place.start(fromBest + ["--dry-run"]).ending()
        #expect(plan.output.contains("the classifier is the directory's"), "\(plan.errors)")
      }
    }

    @Test func aHeadThatIsNotKnownIsNamed() throws {
      #expect(try place.train("training.max_steps=1").code == 0)
      var configuration = try place.json("run/best/config.json")
      configuration["pooling"] = "max"
      try write(configuration, "run/best/config.json")
      let ending = try place.run("evaluate", "--model", "run/best", "--data", "valid.jsonl")
      #expect(ending.code == 65 && ending.messages.count == 1, "\(ending.errors)")
      #expect(ending.errors.contains("pooling: wanted cls, mean, first"), "\(ending.errors)")
    }

    private func evaluate(_ model: String) throws -> [String: Any] {
      let ending = try place.run(
        "evaluate", "--model", model, "--data", "valid.jsonl", "--output", "figures.json")
      #expect(ending.code == 0, "\(ending.errors)")
      return try place.json("figures.json")
    }

    /// Turns the order of a saved model's labels around, in all its files.
    private func reverseLabels(_ model: String) throws {
      let count = Workplace.labels.count
      var configuration = try place.json("\(model)/config.json")
      let reversed = Workplace.labels.reversed().enumerated()
      configuration["id2label"] = Dictionary(uniqueKeysWithValues: reversed.map { ("\($0)", $1) })
      configuration["label2id"] = Dictionary(uniqueKeysWithValues: reversed.map { ($1, $0) })
      try write(configuration, "\(model)/config.json")
      var notes = try place.json("\(model)/ddp_train.json")
      for key in ["training_positives", "pos_weight"] {
        notes[key] = try #require(notes[key] as? [Any]).reversed() as [Any]
      }
      try write(notes, "\(model)/ddp_train.json")
      var weights = [UInt8](try place.bytes("\(model)/model.safetensors"))
      let length = weights[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
      let header = try object(String(decoding: weights[8..<8 + length], as: UTF8.self))
      for name in ["classifier.weight", "classifier.bias", "label_attention.weight"] {
        guard let tensor = header[name] as? [String: Any] else { continue }
        let offsets = try #require(tensor["data_offsets"] as? [Int])
        let (start, width) = (8 + length + offsets[0], (offsets[1] - offsets[0]) / count)
        let rows = (0..<count).map { weights[start + $0 * width..<start + ($0 + 1) * width] }
        let turned = rows.reversed().flatMap { Array($0) }
        weights.replaceSubrange(start..<start + count * width, with: turned)
      }
      try Data(weights).write(to: URL(fileURLWithPath: "\(place.path)/\(model)/model.safetensors"))
    }

    private func write(_ json: [String: Any], _ name: String) throws {
      let bytes = try JSONSerialization.data(withJSONObject: json)
      try place.write(name, String(decoding: bytes, as: UTF8.self))
    }
  }
}
