// The families of encoders that can be trained, by the `model_type` of their config.json.

import Storage

/// The families whose layers are BERT's.
private let bertFamilies: [BertFamily] = [
  .bert, .distilBert, .roberta, .xlmRoberta, .camembert, .electra, .mpnet,
]

/// The configuration in a `config.json`, whose `model_type` says of which kind it is.
/// - Parameter path: the file, for messages. Throws `ModelError`.
package func makeEncoderConfiguration(
  _ json: JSONValue, path: String
) throws(ModelError) -> any EncoderConfiguration {
  let type = ModelDescription.familyType(of: json)
  if let family = bertFamilies.first(where: { $0.type == type }) {
    return try BertConfiguration(json, family, path: path)
  }
  if type == "modernbert" { return try ModernBertConfiguration(json, path: path) }
  let known = (bertFamilies.map(\.type) + ["modernbert"]).joined(separator: ", ")
  throw .unsupported(path: path, "model_type \"\(type)\": can be trained are \(known)")
}
