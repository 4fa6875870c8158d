// Saved models in the hands of Hugging Face: the same logits, by the model and by its pipeline, or
// an error.

import Foundation
import Testing

extension WholeProgram {
  @Suite(
    .enabled(
      if: ProcessInfo.processInfo.environment["DDP_TRAIN_PYTHON"] != nil,
      "DDP_TRAIN_PYTHON names no Python with torch and transformers"))
  struct HuggingFaceModelTests {
    let place: Workplace

    init() throws { place = try Workplace() }

    @Test(arguments: ["mean", "cls", "first", "label_attention"])
    func everyHeadGivesTheSameLogits(pooling: String) throws {
      #expect(try place.train("model.pooling=\(pooling)").code == 0)
      try compare("run/best")
      let name = try #require(
        (try place.json("run/best/config.json")["architectures"] as? [String])?.first)
      #expect((name == "BertForSequenceClassification") == (pooling == "cls"))
    }

    @Test(arguments: ["cls", "mean"])
    func tfidfFeaturesAreComputedThereToo(pooling: String) throws {
      let ending = try place.start([
        Workplace.tfidf, "model.pooling=\(pooling)", "training.num_train_epochs=4",
        "model.tfidf.learning_rate=50", "model.tfidf.char_ngrams=[2, 4]",
      ]).ending()
      #expect(ending.code == 0, "\(ending.errors)")
      #expect(try !place.linearWeights("run/best").joined().isEmpty)
      try compare("run/best")
    }

    @Test func anEnsembleHasItsLinearPart() throws {
      #expect(try place.train("output_dir=bert", "training.num_train_epochs=4").code == 0)
      let linear = try place.start(
        [Workplace.linear, "output_dir=linear", "training.num_train_epochs=4"]
      ).ending()
      #expect(linear.code == 0, "\(linear.errors)")
      let ensemble = try place.run(
        "ensemble", "bert", "linear", "--output", "both", "--scale", "0.5")
      #expect(ensemble.code == 0, "\(ensemble.errors)")
      try compare("both")
      let card = try place.text("both/README.md")
      #expect(card.contains("texts=texts") && card.contains("ensemble"))
    }

    /// Compares with what Hugging Face computes, for texts with words that are in no vocabulary,
    /// for one that is longer than the model has positions, and for one without words.
    private func compare(_ model: String) throws {
      let others = [
        "Café 漢 unknown [SEP] w00", String(repeating: "w01 w02 ", count: 60), "!",
        "ΟΔΟΣ w03 W03 w04.w05",
      ]
      let lines = others.map { "{\"text\": \"\($0)\"}\n" }.joined()
      try place.write("input.jsonl", try place.text("test.jsonl") + lines)
      let predicted = try place.run(
        "predict", "--model", model, "--input", "input.jsonl", "--output", "output.jsonl",
        "--logits", "--top-k", "3")
      #expect(predicted.code == 0, "\(predicted.errors)")
      let python = try #require(ProcessInfo.processInfo.environment["DDP_TRAIN_PYTHON"])
      let reference = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../Reference/huggingface.py").standardized.path
      let compared = try Program.runOther([
        python, reference, "--model", "\(place.path)/\(model)", "--input",
        "\(place.path)/input.jsonl", "--predictions", "\(place.path)/output.jsonl", "--tolerance",
        "1e-4",
      ])
      #expect(compared.code == 0, "\(compared.errors)")
      // The tokenizer itself says where training cut.
      #expect(compared.output.contains("max_length 32"), "\(compared.output)")
      print(compared.output, terminator: "")
    }
  }
}
