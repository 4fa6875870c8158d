// The JSON Schema of a configuration, made from the declarations that read it.

import Storage

extension Settings {
  /// The schema of a section: its keys with their forms, meanings and defaults.
  static var schema: JSONObject {
    let defaults = Self()
    let properties = keys.map { key -> (String, JSONValue) in
      var schema = key.schema
      if !key.meaning.isEmpty { schema["description"] = .string(key.meaning) }
      // A section's defaults are those of its keys.
      if schema["properties"] == nil, let value = key.write(defaults), value != "" {
        schema["default"] = value
      }
      return (key.name, .object(schema))
    }
    return [
      "type": null == nil ? "object" : ["object", "null"],
      "properties": .object(JSONObject(properties)), "additionalProperties": false,
    ]
  }
}

extension Configuration {
  /// The key by which a file names its schema; it is read and means nothing else.
  static let schemaKey = "$schema"

  /// The JSON Schema (draft 2020-12) of a configuration file.
  public static var jsonSchema: JSONValue {
    var schema: JSONObject = [
      schemaKey: "https://json-schema.org/draft/2020-12/schema",
      "title": "A ddp-train configuration",
    ]
    for (key, value) in Self.schema { schema[key] = value }
    if var properties = schema["properties"]?.object {
      properties[schemaKey] = ["type": "string", "description": "The schema of this file."]
      schema["properties"] = .object(properties)
    }
    schema["required"] = ["data", "output_dir"]
    return .object(schema)
  }

  /// Takes the name of the schema out of a configuration's JSON.
  static func removeSchema(from json: inout JSONValue) {
    guard var root = json.object, root[schemaKey]?.string != nil else { return }
    root[schemaKey] = nil
    json = .object(root)
  }
}
