import Storage

/// The configuration in a `config.json`, whose `model_type` says of which kind it is.
/// - Parameter path: the file, for messages. Throws `ModelError`.
package func makeEncoderConfiguration(
  _ json: JSONValue, path: String
) throws(ModelError) -> any EncoderConfiguration {
  let type = json["model_type"]?.string ?? "bert"
  switch type {
  case "bert", ModelDescription.bertWithHeadType: return try BertConfiguration(json, path: path)
  default:
    throw .unsupported(path: path, "model_type \"\(type)\": only \"bert\" can be trained")
  }
}
