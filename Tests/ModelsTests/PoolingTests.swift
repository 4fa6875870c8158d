// How a directory says that rows are pooled: saved models, sentence encoders of all versions, and
// what is not done.

import Foundation
import Models
import Storage
import Testing

/// A directory with a small BERT's config.json and further files.
private func withModel<Result>(
  _ files: [String: String], _ body: (ModelDirectory) throws -> Result
) throws -> Result {
  let directory = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
  defer { try? FileManager.default.removeItem(at: directory) }
  for (name, text) in ["config.json": #"{"model_type": "bert"}"#].merging(
    files, uniquingKeysWith: { $1 })
  {
    let file = directory.appending(path: name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }
  return try body(ModelDirectory(path: directory.path))
}

private func pooling(_ files: [String: String]) throws -> Pooling {
  try withModel(files) { try $0.pooling() }
}

@Suite struct PoolingOfDirectoriesTests {
  @Test(arguments: [
    (#"{"pooling_mode": "mean"}"#, Pooling.mean), (#"{"pooling_mode": ["mean"]}"#, .mean),
    (#"{"pooling_mode": "cls", "include_prompt": true}"#, .first),
    (#"{"pooling_mode_mean_tokens": true, "pooling_mode_cls_token": false}"#, .mean),
    (#"{"pooling_mode_mean_tokens": false, "pooling_mode_cls_token": true}"#, .first),
    // What sentence-transformers does where the key is missing.
    (#"{"word_embedding_dimension": 32}"#, .mean),
  ])
  func sentenceEncodersOfAllVersionsAreRead(json: String, wanted: Pooling) throws {
    #expect(try pooling(["1_Pooling/config.json": json]) == wanted)
    let modules = """
      [{"path": "", "type": "sentence_transformers.models.Transformer"},
      {"path": "pool", "type": "sentence_transformers.sentence_transformer.models.Pooling"}]
      """
    #expect(try pooling(["modules.json": modules, "pool/config.json": json]) == wanted)
  }

  @Test func whatASentenceEncoderDidWithTextsIsRead() throws {
    let texts = #"{"max_seq_length": 128, "do_lower_case": true}"#
    let found = try withModel(["sentence_bert_config.json": texts]) { $0.sentenceSettings }
    #expect(found?.maximumLength == 128 && found?.lowercases == true)
    let former = try withModel([
      "config.json": #"{"model_type": "roberta"}"#,
      "sentence_roberta_config.json": #"{"max_seq_length": null}"#,
    ]) { $0.sentenceSettings }
    #expect(former?.maximumLength == nil && former?.lowercases == false)
    #expect(try withModel([:]) { $0.sentenceSettings } == nil)
  }

  @Test(arguments: [
    (#"{"pooling_mode": "max"}"#, "max"), (#"{"pooling_mode": ["cls", "mean"]}"#, "cls and mean"),
    (#"{"pooling_mode_mean_tokens": false, "pooling_mode_lasttoken": true}"#, "lasttoken"),
    (#"{"pooling_mode_mean_tokens": true, "pooling_mode_max_tokens": true}"#, "max and mean"),
    (
      #"{"pooling_mode_weightedmean_tokens": true, "pooling_mode_mean_tokens": false}"#,
      "weightedmean"
    ),
    (#"{"pooling_mode": "quantum"}"#, "quantum"),
  ])
  func modesThatAreNotDoneAreNamed(json: String, name: String) throws {
    let error = #expect(throws: ModelError.self) {
      try pooling(["1_Pooling/config.json": json])
    }
    let message = error.map { "\($0)" } ?? ""
    #expect(message.contains("1_Pooling/config.json: pools by \(name), which is not done"))
    #expect(message.contains("set model.pooling to"))
  }

  @Test func modulesThatAreLeftOutAreNamed() throws {
    let names = ["Transformer", "Pooling", "Dense", "Normalize"]
    let modules = names.enumerated().map { index, name in
      #"{"path": "\#(index == 0 ? "" : "\(index)_\(name)")", "type": "sentence_transformers.models.\#(name)"}"#
    }
    let files = [
      "modules.json": "[\(modules.joined(separator: ", "))]",
      "1_Pooling/config.json": #"{"pooling_mode": "mean"}"#,
    ]
    try withModel(files) { directory in
      let pooling = try directory.pooling()
      #expect(pooling == .mean)
      #expect(directory.unusedModules == ["Dense", "Normalize"])
    }
  }

  @Test func savedModelsAreRead() throws {
    func pooling(_ json: String) throws -> Pooling {
      try withModel(["config.json": json]) { try $0.pooling() }
    }
    for wanted in Pooling.allCases {
      let json = #"{"model_type": "ddp_train_bert", "pooling": "\#(wanted.rawValue)"}"#
      #expect(try pooling(json) == wanted)
    }
    // Those of version 0.1.0.
    let former = ["MeanPooling": Pooling.mean, "LabelAttention": .labelAttention, "": .cls]
    for (name, wanted) in former {
      let json =
        #"{"model_type": "bert", "architectures": ["\#(name)BertForSequenceClassification"]}"#
      #expect(try pooling(json) == wanted)
    }
    #expect(throws: ModelError.self) { try pooling(#"{"model_type": "ddp_train_bert"}"#) }
  }

  @Test func labelsThatContradictEachOtherAreNamed() throws {
    func message(_ json: String) throws -> String {
      let error = #expect(throws: ModelError.self) {
        try ModelDirectory.checkLabels(
          try JSONValue(parsing: Array(json.utf8)), path: "config.json")
      }
      return error.map { "\($0)" } ?? ""
    }
    #expect(
      try message(#"{"id2label": {"0": "a", "1": "b"}, "label2id": {"a": 1, "b": 0}}"#)
        .contains(#"id2label calls 0 "a", but label2id gives "a" the number 1"#))
    #expect(
      try message(#"{"id2label": {"0": "a", "1": "b"}, "label2id": {"a": 0, "c": 1}}"#)
        .contains(#"id2label calls 1 "b", a label that label2id lacks"#))
    for json in [#"{"id2label": {"0": "a"}, "label2id": {"a": 0}}"#, #"{"id2label": {"0": "a"}}"#] {
      try ModelDirectory.checkLabels(try JSONValue(parsing: Array(json.utf8)), path: "config.json")
    }
  }
}
