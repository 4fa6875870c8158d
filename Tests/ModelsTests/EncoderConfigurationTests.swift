// The config.json of each family: defaults of keys that are missing, forms of two versions, and
// what comes back when it is written.

import Models
import Storage
import Testing

private func configuration(_ text: String) throws -> any EncoderConfiguration {
  try makeEncoderConfiguration(JSONValue(parsing: text), path: "config.json")
}

@Suite struct EncoderConfigurationTests {
  /// As `AutoConfig.for_model` of transformers 5.23 has them: vocabulary, hidden size, layers, tokens
  /// of the longest row.
  @Test(arguments: [
    ("bert", [30_522, 768, 12, 512]), ("distilbert", [30_522, 768, 6, 512]),
    ("roberta", [50_265, 768, 12, 510]), ("xlm-roberta", [30_522, 768, 12, 510]),
    ("camembert", [30_522, 768, 12, 510]), ("electra", [30_522, 256, 12, 512]),
    ("mpnet", [30_527, 768, 12, 510]), ("modernbert", [50_368, 768, 22, 8_192]),
  ])
  func keysThatAreMissingHaveTheDefaultsOfHuggingFace(type: String, sizes: [Int]) throws {
    let found = try configuration("{\"model_type\": \"\(type)\"}")
    #expect(
      [found.vocabularySize, found.hiddenSize, found.layerCount, found.maximumPositions] == sizes)
    #expect(found.modelType == type)
    #expect(found.classifierDropout == ["distilbert": 0.2, "modernbert": 0][type])
  }

  @Test(arguments: [
    "bert", "distilbert", "roberta", "xlm-roberta", "camembert", "electra", "mpnet", "modernbert",
  ])
  func whatIsWrittenIsReadAgain(type: String) throws {
    let first = try configuration("{\"model_type\": \"\(type)\", \"pad_token_id\": 7}").json
    let again = try makeEncoderConfiguration(.object(first), path: "config.json").json
    #expect(JSONValue.object(first) == .object(again))
    #expect(first["pad_token_id"] == 7 && first["model_type"] == .string(type))
  }

  @Test func modernBertsOfBothVersionsAreTheSame() throws {
    let former = try configuration(
      """
      {"model_type": "modernbert", "num_hidden_layers": 4, "global_attn_every_n_layers": 2,
       "global_rope_theta": 80000.0, "local_rope_theta": 5000.0}
      """)
    let present = try configuration(
      """
      {"model_type": "modernbert", "num_hidden_layers": 4,
       "layer_types": ["full_attention", "sliding_attention", "full_attention",
         "sliding_attention"],
       "rope_parameters": {
         "full_attention": {"rope_type": "default", "rope_theta": 80000.0},
         "sliding_attention": {"rope_type": "default", "rope_theta": 5000.0}}}
      """)
    #expect(JSONValue.object(former.json) == .object(present.json))
    #expect(former.json["global_attn_every_n_layers"] == 2)
    let irregular = try configuration(
      """
      {"model_type": "modernbert", "num_hidden_layers": 2,
       "layer_types": ["sliding_attention", "full_attention"]}
      """)
    #expect(irregular.json["global_attn_every_n_layers"] == nil)
  }

  @Test(arguments: [
    (#"{"model_type": "mpnet", "relative_attention_num_buckets": 16}"#, "32"),
    (#"{"model_type": "roberta", "max_position_embeddings": 3}"#, "max_position_embeddings"),
    (#"{"model_type": "modernbert", "hidden_size": 36, "num_attention_heads": 12}"#, "even"),
    (#"{"model_type": "modernbert", "layer_types": ["full_attention"]}"#, "layer_types"),
    (
      #"{"model_type": "modernbert", "rope_parameters": {"full_attention": {"rope_type": "yarn"}}}"#,
      "rope_type"
    ),
    (#"{"model_type": "modernbert", "classifier_pooling": "max"}"#, "classifier_pooling"),
    (#"{"model_type": "distilbert", "sinusoidal_pos_embds": true}"#, "sinusoidal_pos_embds"),
    (#"{"model_type": "electra", "is_decoder": true}"#, "is_decoder"),
    (#"{"model_type": "bert", "pruned_heads": {"0": [1]}}"#, "pruned_heads"),
  ])
  func whatIsNotDoneIsNamed(json: String, name: String) throws {
    let error = #expect(throws: ModelError.self) { try configuration(json) }
    #expect(error?.description.contains(name) == true, "\(String(describing: error))")
  }
}
