// Checked reading of the values in tokenizer files.

import Foundation
import Storage

/// The bytes of a file. Throws `TokenizerError`.
func readBytes(_ path: String) throws -> [UInt8] {
  let bytes: [UInt8]
  do {
    bytes = [UInt8](try Foundation.Data(contentsOf: URL(fileURLWithPath: path)))
  } catch {
    throw TokenizerError.unreadable(path: path, reason: error.localizedDescription)
  }
  if let problem = GitLFSPointer.problem(bytes) {
    throw TokenizerError.malformed(path: path, problem: problem)
  }
  return bytes
}

/// The JSON object that a file holds.
func readObject(_ path: String) throws -> JSONValue {
  let bytes = try readBytes(path)
  guard String(validating: bytes, as: UTF8.self) != nil else {
    throw TokenizerError.malformed(path: path, problem: "is not UTF-8")
  }
  do {
    let value = try JSONValue(parsing: bytes)
    guard value.object != nil else {
      throw TokenizerError.malformed(path: path, problem: "holds \(value.kind), not an object")
    }
    return value
  } catch let error as JSONError {
    throw TokenizerError.malformed(
      path: path, problem: "is not JSON: \(error)")
  }
}

/// Reads members of one JSON object, and names file and key where they are of the wrong type.
struct SettingReader {
  let object: JSONValue
  let path: String

  /// True, false, or nil where the member is missing or null.
  func bool(_ key: String) throws -> Bool? {
    switch object[key] {
    case nil, .null: return nil
    case .bool(let value): return value
    case .some(let value): throw wrong(key, "true or false", value)
    }
  }

  /// A token, written as a string or as an object with its flags; nil where missing or null.
  func addedToken(_ key: String) throws -> AddedToken? {
    switch object[key] {
    case nil, .null: return nil
    case .some(let value): return try token(value, key)
    }
  }

  /// The tokens of an array, or of an object's values; none where missing or null.
  func addedTokens(_ key: String) throws -> [AddedToken] {
    switch object[key] {
    case nil, .null: return []
    case .array(let elements): return try elements.map { try token($0, key) }
    case .object(let members): return try members.map { try token($1, key) }
    case .some(let value): throw wrong(key, "an array", value)
    }
  }

  /// The tokens of an object whose names are ids.
  func addedTokensByID(_ key: String) throws -> [(id: Int32, token: AddedToken)] {
    guard let value = object[key] else { return [] }
    guard let members = value.object else { throw wrong(key, "an object", value) }
    return try members.map { name, value in
      guard let id = Int32(name) else {
        throw TokenizerError.malformed(
          path: path, problem: "\(key) has a member whose name is not a token id")
      }
      return (id, try token(value, key))
    }
  }

  /// A token that was written as a string or as an object with `content` and flags.
  func token(_ value: JSONValue, _ key: String) throws -> AddedToken {
    if let text = value.string { return AddedToken(text) }
    guard let content = value["content"]?.string else {
      throw wrong(key, "a token (a string, or an object with \"content\")", value)
    }
    let flags = SettingReader(object: value, path: path)
    let isSpecial = try flags.bool("special") ?? true
    return AddedToken(
      content, singleWord: try flags.bool("single_word") ?? false,
      stripsLeft: try flags.bool("lstrip") ?? false,
      stripsRight: try flags.bool("rstrip") ?? false,
      normalized: try flags.bool("normalized") ?? !isSpecial)
  }

  private func wrong(_ key: String, _ wanted: String, _ found: JSONValue) -> TokenizerError {
    .malformed(path: path, problem: "\(key) must be \(wanted), but is \(found.kind)")
  }
}
