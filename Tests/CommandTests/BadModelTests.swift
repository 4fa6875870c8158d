// A model's directory that is damaged, or does not fit, is named with what is wrong in it.

import Foundation
import Testing

extension WholeProgram {
  @Suite struct BadModelTests {
    let place: Workplace

    /// Has a saved model in `model`.
    init() throws {
      place = try Workplace()
      #expect(try place.train("training.num_train_epochs=1").code == 0)
      try FileManager.default.moveItem(
        atPath: "\(place.path)/run/best", toPath: "\(place.path)/model")
      try FileManager.default.removeItem(atPath: "\(place.path)/run")
    }

    private let fromModel = [
      "model.config=null", "model.vocab=null", "model.name_or_path=model", "model.pooling=auto",
    ]

    /// Expects that training and evaluating end with one message, which holds all `parts`.
    private func expect(
      _ code: Int32, _ parts: [String], ranks: Int = 0,
      sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
      let arguments = ["evaluate", "--model", "model", "--data", "valid.jsonl"]
      let programs = [
        try place.start(fromModel, ranks: Program.mpirun == nil ? 0 : ranks),
        try Program.start(arguments, in: place.path),
      ]
      for program in programs {
        let ending = try program.ending()
        #expect(ending.code == code, "\(ending.errors)", sourceLocation: sourceLocation)
        #expect(ending.messages.count == 1, "\(ending.errors)", sourceLocation: sourceLocation)
        for part in parts {
          #expect(ending.errors.contains(part), "\(ending.errors)", sourceLocation: sourceLocation)
        }
      }
    }

    private func edit(_ key: String, _ value: Any) throws {
      var configuration = try place.json("model/config.json")
      configuration[key] = value
      let bytes = try JSONSerialization.data(withJSONObject: configuration)
      try place.write("model/config.json", String(decoding: bytes, as: UTF8.self))
    }

    @Test func truncatedSafetensorsEndWith65() throws {
      let whole = try place.bytes("model/model.safetensors")
      let weights = URL(fileURLWithPath: "\(place.path)/model/model.safetensors")
      try whole.prefix(40_000).write(to: weights)
      try expect(65, ["model/model.safetensors", "truncated", "\(whole.count)", "40000"])
      try Data().write(to: weights)
      try expect(65, ["model/model.safetensors"])
    }

    @Test func aTensorOfTheWrongShapeIsNamedWithWantedAndFound() throws {
      try edit("intermediate_size", 96)
      try expect(
        65,
        [
          "model/model.safetensors", "bert.encoder.layer.0.intermediate.dense.weight", "[96, 32]",
          "[64, 32]",
        ], ranks: 2)
    }

    @Test func aMissingTensorIsNamed() throws {
      try edit("num_hidden_layers", 3)
      try expect(65, ["model/model.safetensors", "bert.encoder.layer.2."])
    }

    @Test func aVocabularyLargerThanTheEmbeddingIsRefused() throws {
      try place.write("model/vocab.txt", try place.text("model/vocab.txt") + "more\n")
      try expect(65, ["71 entries", "vocab_size in config.json is 70"])
    }

    @Test func aModelOfAnotherKindIsRefused() throws {
      try edit("model_type", "t5")
      try expect(65, ["model/config.json", "t5"])
      try edit("model_type", "roberta")
      try expect(65, ["model/model.safetensors", "roberta.embeddings.word_embeddings.weight"])
    }

    @Test(arguments: [Float.nan, -.infinity])
    func aWeightThatIsNoNumberIsNamed(value: Float) throws {
      try place.writeEmbedding(of: "w03", [0, value], in: "model")
      try expect(
        65,
        [
          "model/model.safetensors: tensor \"bert.embeddings.word_embeddings.weight\" holds "
            + "\(value)"
        ], ranks: 2)
    }

    @Test func labelsInTwoOrdersAreRefused() throws {
      var numbers: [String: Int] = [:]
      for (index, label) in Workplace.labels.reversed().enumerated() { numbers[label] = index }
      try edit("label2id", numbers)
      try expect(65, ["model/config.json: id2label calls ", "but label2id gives"])
    }

    @Test func aLabelThatWasRenamedInOneFileAloneIsNamed() throws {
      let renamed = try place.text("model/config.json").replacing("label-03", with: "other")
      try place.write("model/config.json", renamed)
      let predict = ["predict", "--model", "model", "--input", "test.jsonl", "--output", "p.jsonl"]
      let ending = try Program.run(predict, in: place.path)
      #expect(ending.code == 65 && ending.messages.count == 1, "\(ending.errors)")
      #expect(ending.errors.contains("model/thresholds.json: has a threshold for \"label-03\""))
      let thresholds = try place.text("model/thresholds.json").replacing("label-03", with: "other")
      try place.write("model/thresholds.json", thresholds)
      #expect(try Program.run(predict, in: place.path).code == 0)
    }

    @Test func filesThatAreMissingEndWith66() throws {
      try FileManager.default.removeItem(atPath: "\(place.path)/model/model.safetensors")
      try expect(66, ["model.safetensors"])
    }
  }
}
