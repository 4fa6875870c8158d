import Storage

/// One `--set key.path=value` of the command line. The value is JSON; a bare word is a string.
package struct ConfigurationOverride {
  let text: String
  let path: [String]
  let value: JSONValue

  /// Reads the text after `--set`.
  package init(_ text: String) throws(ConfigurationError) {
    guard let equals = text.firstIndex(of: "=") else {
      throw .badOverride(text: text, reason: "wanted key.path=value, found no \"=\"")
    }
    let path = text[..<equals].split(separator: ".", omittingEmptySubsequences: false)
    guard !path.contains(where: \.isEmpty) else {
      throw .badOverride(text: text, reason: "wanted key.path=value, as training.seed=7")
    }
    self.text = text
    self.path = RenamedKeys.current(path.map(String.init))
    value = try Self.value(String(text[text.index(after: equals)...]), of: text)
  }

  private static func value(
    _ value: String, of text: String
  ) throws(ConfigurationError) -> JSONValue {
    do {
      return try JSONValue(parsing: value)
    } catch {
      // What begins like JSON and is none is more likely a slip of quoting than a string.
      guard let first = value.first, !"{[\"".contains(first) else {
        throw .badOverride(
          text: text,
          reason: value.isEmpty
            ? "the value is missing; null or \"\" must be written out"
            : "the value is not JSON: \(error); quote it for the shell as 'key={\"a\": 1}'")
      }
      return .string(value)
    }
  }

  /// Sets the value; objects on the way to it are made if they are missing, null or true.
  package func apply(to json: inout JSONValue) throws(ConfigurationError) {
    try set(path[...], in: &json)
  }

  private func set(
    _ rest: ArraySlice<String>, in json: inout JSONValue
  ) throws(ConfigurationError) {
    guard let key = rest.first else {
      json = value
      return
    }
    var object: JSONObject
    switch json {
    case .object(let members): object = members
    // `true` stands for a section with its defaults, as in `"tfidf": true`.
    case .null, .bool(true): object = JSONObject()
    default:
      let parent = path[..<rest.startIndex].joined(separator: ".")
      throw .badOverride(
        text: text, reason: "\(parent) is \(json.text()), which has no keys; set it as a whole")
    }
    var member = object[key] ?? .null
    try set(rest.dropFirst(), in: &member)
    object[key] = member
    json = .object(object)
  }
}
