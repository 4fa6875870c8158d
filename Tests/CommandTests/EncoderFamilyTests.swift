// Every family of encoders goes through what a BERT does.

import Foundation
import Testing

/// A family's smallest encoder: two layers of 32 (ModernBERT: three, of which two see windows).
private struct Family: CustomTestStringConvertible {
  let type: String
  let configuration: String
  /// How logits are made when the model is taken to Hugging Face.
  var pooling = "cls"
  var readsWords = false

  var testDescription: String { type }
  /// The setting of `model.config`.
  var setting: String { "model.config=\(configuration)" }

  init(_ type: String, _ keys: String, pooling: String = "cls", readsWords: Bool = false) {
    self.type = type
    (self.pooling, self.readsWords) = (pooling, readsWords)
    let common = "\"vocab_size\": 70, \"initializer_range\": 0.1"
    configuration = "{\"model_type\": \"\(type)\", \(common), \(keys)}"
  }

  private static func bert(_ positions: Int, _ more: String = "") -> String {
    """
    "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, \
    "intermediate_size": 48, "max_position_embeddings": \(positions)\(more)
    """
  }

  static let all = [
    Family(
      "distilbert",
      """
      "dim": 32, "n_layers": 2, "n_heads": 4, "hidden_dim": 48, "max_position_embeddings": 64
      """),
    Family("roberta", bert(66)),
    Family("xlm-roberta", bert(66, ", \"pad_token_id\": 1"), pooling: "mean", readsWords: true),
    Family("camembert", bert(66, ", \"type_vocab_size\": 1"), pooling: "first"),
    Family("electra", bert(64, ", \"embedding_size\": 16")),
    Family("mpnet", bert(66)),
    Family(
      "modernbert",
      """
      "hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 4, "local_attention": 6, \
      "intermediate_size": 24, "max_position_embeddings": 64, "pad_token_id": 0
      """),
  ]
}

extension WholeProgram {
  @Suite struct EncoderFamilyTests {
    let place: Workplace
    private let short = [
      "training.num_train_epochs=2", "training.lr_scheduler_type=constant", "model.pooling=cls",
    ]

    init() throws { place = try Workplace() }

    @Test(.enabled(if: Program.mpirun != nil, "mpirun is not installed"), arguments: Family.all)
    fileprivate func ranksResumingAndPrecisionDoNotChangeBits(family: Family) throws {
      // The families that have kernels of their own.
      let hasKernels = ["mpnet", "modernbert"].contains(family.type)
      for precision in hasKernels ? ["fp32", "bf16"] : ["fp32"] {
        let options =
          short + [
            family.setting, "training.precision=\(precision)", "checkpointing.save_strategy=steps",
            "checkpointing.save_steps=5", "--overwrite",
          ]
        let whole = try place.start(["output_dir=whole"] + options).ending()
        if precision == "bf16", whole.errors.contains("bf16") { continue }
        #expect(whole.code == 0, "\(whole.errors)")
        let first = try place.start(options + ["training.max_steps=9"], ranks: 2).ending()
        #expect(first.code == 0, "\(first.errors)")
        try FileManager.default.removeItem(atPath: "\(place.path)/run/results.json")
        let second = try place.start(
          options.filter { $0 != "--overwrite" } + ["--resume"], ranks: 4
        ).ending()
        #expect(second.code == 0, "\(second.errors)")
        #expect(
          try place.products().first == place.products("whole").first, "\(precision)")
      }
    }

    @Test(arguments: Family.all)
    fileprivate func frozenLayersKeepTheirWeightsAndLabelsAttend(family: Family) throws {
      func weights(_ run: String) throws -> [String: Data] {
        try tensors(try place.bytes("\(run)/best/model.safetensors"))
      }
      let keys = [family.setting, "training.num_train_epochs=1"]
      #expect(try place.start(keys + ["output_dir=first"]).ending().code == 0)
      let before = try weights("first")
      let from = [
        "model.config=null", "model.vocab=null", "model.name_or_path=first/best",
        "training.num_train_epochs=1",
      ]
      for (name, options) in [
        ("mean", ["model.pooling=mean", "training.freeze_encoder=true"]),
        ("layer", ["model.pooling=label_attention", "training.freeze_encoder=1"]),
      ] {
        let ending = try place.start(from + options + ["output_dir=\(name)"]).ending()
        #expect(ending.code == 0, "\(ending.errors)")
        let after = try weights(name)
        for (tensor, values) in before where !tensor.contains("classifier") {
          // The upper layer, by its name or, in ModernBERT, as all but the embeddings.
          let isUpper = ["layer.1.", "layers.", "final_norm"].contains { tensor.contains($0) }
          if name != "layer" || !isUpper { #expect(after[tensor] == values, "\(tensor)") }
        }
        #expect(name != "layer" || before.contains { after[$0.key] != $0.value })
      }
    }

    @Test(
      .enabled(
        if: ProcessInfo.processInfo.environment["DDP_TRAIN_PYTHON"] != nil,
        "DDP_TRAIN_PYTHON names no Python with torch and transformers"))
    func savedModelsGiveTheSameLogitsInHuggingFace() throws {
      var comparisons: [String] = []
      for family in Family.all {
        let run = "run-\(family.type)"
        var options = [
          "training.num_train_epochs=3", "model.pooling=\(family.pooling)", "output_dir=\(run)",
        ]
        if family.readsWords { options.append(Workplace.tfidf) }
        let ending = try place.start(options + [family.setting]).ending()
        #expect(ending.code == 0, "\(ending.errors)")
        let predicted = try place.run(
          "predict", "--model", "\(run)/best", "--input", "test.jsonl", "--output",
          "\(run).jsonl", "--logits", "--top-k", "3")
        #expect(predicted.code == 0, "\(predicted.errors)")
        comparisons += [
          "--model", "\(place.path)/\(run)/best", "--predictions", "\(place.path)/\(run).jsonl",
        ]
      }
      let python = try #require(ProcessInfo.processInfo.environment["DDP_TRAIN_PYTHON"])
      let reference = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../Reference/huggingface.py").standardized.path
      let compared = try Program.runOther(
        [python, reference, "--input", "\(place.path)/test.jsonl", "--tolerance", "1e-4"]
          + comparisons)
      #expect(compared.code == 0, "\(compared.errors)")
      print(compared.output, terminator: "")
    }

    @Test func whatIsNotDoneIsNamed() throws {
      for (keys, parts) in [
        ("\"model_type\": \"t5\"", ["model_type \"t5\"", "distilbert", "modernbert"]),
        ("\"is_decoder\": true", ["is_decoder", "false"]),
        ("\"position_embedding_type\": \"relative_key\"", ["position_embedding_type", "absolute"]),
        ("\"hidden_act\": \"silu\"", ["hidden_act \"silu\"", "gelu", "relu"]),
        ("\"quantization_config\": {\"bits\": 4}", ["quantization_config"]),
        (
          "\"model_type\": \"modernbert\", \"rope_scaling\": {\"type\": \"linear\"}",
          ["rope_scaling"]
        ),
      ] {
        let ending = try place.start(["model.config={\(keys)}"]).ending()
        #expect(ending.code == 65 && ending.messages.count == 1, "\(ending.errors)")
        for part in parts { #expect(ending.errors.contains(part), "\(ending.errors)") }
      }
    }
  }
}
