// Tokenizers that are not BERT's own, through the whole program.

import Foundation
import Testing

/// Whether the Python of the tests can train tokenizers.
private let hasTokenizers: Bool = {
  guard let python = ProcessInfo.processInfo.environment["DDP_TRAIN_PYTHON"] else { return false }
  return (try? Program.runOther([python, "-c", "import transformers, sentencepiece"]).code) == 0
}()

extension WholeProgram {
  @Suite(.enabled(if: Program.mpirun != nil, "mpirun is not installed")) struct TokenizerTests {
    let place: Workplace

    init() throws { place = try Workplace() }

    /// An encoder whose tokenizer is SentencePiece's, with <s> and </s> around a row.
    private func makeEncoder() throws {
      #expect(try place.train("training.num_train_epochs=1").code == 0)
      try FileManager.default.createDirectory(
        atPath: "\(place.path)/encoder", withIntermediateDirectories: true)
      for file in ["config.json", "model.safetensors"] {
        try place.bytes("run/best/\(file)").write(
          to: URL(fileURLWithPath: "\(place.path)/encoder/\(file)"))
      }
      let names =
        ["<pad>", "<unk>", "<s>", "</s>", "<mask>"] + Workplace.words.map { "▁\($0)" }
      let vocabulary = names.enumerated().map { "[\"\($1)\", \($0 < 5 ? 0 : -Double($0))]" }
      try place.write(
        "encoder/tokenizer.json",
        """
        {"normalizer": {"type": "NFC"}, "pre_tokenizer": {"type": "Sequence", "pretokenizers": \
        [{"type": "WhitespaceSplit"}, {"type": "Metaspace", "prepend_scheme": "always"}]}, \
        "post_processor": {"type": "BertProcessing", "cls": ["<s>", 2], "sep": ["</s>", 3]}, \
        "model": {"type": "Unigram", "unk_id": 1, "vocab": [\(vocabulary.joined(separator: ","))]}}
        """)
      try place.write(
        "encoder/tokenizer_config.json", #"{"tokenizer_class": "PreTrainedTokenizerFast"}"#)
      try place.write(
        "other.json",
        """
        {"model": {"name_or_path": "encoder", "max_length": 32, "pooling": "label_attention"},
         "data": {"train": "train.jsonl", "validation": "valid.jsonl"},
         "training": {"num_train_epochs": 3, "train_batch_size": 16, "microbatches": 4,
           "learning_rate": 5e-3, "classifier_learning_rate": 2e-2},
         "output_dir": "other"}
        """)
    }

    @Test func aTokenizerOfPartsTrainsOnAnyRanksAndIsSaved() throws {
      try makeEncoder()
      var models: [Data] = []
      for ranks in [1, 2] {
        let ending = try place.run(
          "other.json", "--set", "output_dir=other-\(ranks)", ranks: ranks)
        #expect(ending.code == 0, "\(ending.errors)")
        models.append(try place.bytes("other-\(ranks)/best/model.safetensors"))
        #expect(
          try place.bytes("other-\(ranks)/best/tokenizer.json")
            == place.bytes("encoder/tokenizer.json"))
      }
      #expect(models[0] == models[1])
      let ids = try place.run(
        "tokenize", "--model", "other-1/best", input: Data("w00 w01\tx\n\n".utf8))
      #expect(ids.output == "[2, 5, 6, 1, 3]\n[2, 3]\n")
      let predicted = try place.run(
        "predict", "--model", "other-1/best", "--input", "test.jsonl", "--output", "out.jsonl",
        "--explain", "4")
      #expect(predicted.code == 0, "\(predicted.errors)")
      let lines = try place.text("out.jsonl").split(separator: "\n")
      #expect(lines.count == 30 && lines.contains { $0.contains(#""word": "w"#) })
    }

    @Test(
      .enabled(if: hasTokenizers, "DDP_TRAIN_PYTHON names no Python with sentencepiece"),
      arguments: ["roberta", "modernbert", "xlm_roberta", "llama", "word_piece_digits"])
    func idsOfWholeDescriptionsEqualHuggingFaces(kind: String) throws {
      let python = try #require(ProcessInfo.processInfo.environment["DDP_TRAIN_PYTHON"])
      let reference = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../Reference/tokenizer_kinds.py").standardized.path
      let compared = try Program.runOther([
        python, reference, "compare", "--program", Program.path, "--size", "4000", "--kind", kind,
      ])
      #expect(compared.code == 0, "\(compared.output)\(compared.errors)")
      #expect(compared.output.contains("\(kind): 0 of "))
    }
  }
}
