// The normalizers of tokenizer.json, by the names that the library `tokenizers` gives them.

import Foundation
import Storage

/// One normalizer; a `Sequence` is several, one after the other.
enum NormalizationStep: Equatable, Sendable {
  /// `BertNormalizer`.
  case bert(BertClean)
  /// Each character by itself: no final sigma.
  case lowercase
  /// NFD, NFKD, NFC or NFKC.
  case form(UnicodeForm)
  /// Removes combining marks (general category M); does not decompose.
  case stripAccents
  /// Removes white space at the ends.
  case strip(left: Bool, right: Bool)
  /// Writes `content` for each occurrence of `pattern`, from left to right.
  case replace(pattern: String, content: String)
  /// Writes `content` for each match of a regular expression.
  case replaceMatches(TextPattern, content: String)
  /// Writes text before any text that is not empty.
  case prepend(String)
  /// SentencePiece's map of characters, `Precompiled`.
  case precompiled(PrecompiledCharsmap)
  /// `Nmt`: control characters go, other separators become spaces.
  case nmt
  /// Each byte as a character of GPT-2's alphabet.
  case byteLevel
}

/// What a `BertNormalizer` does.
struct BertClean: Equatable, Sendable {
  var cleansText = true
  var separatesIdeographs = true
  var stripsAccents: Bool?
  var lowercases = true
}

/// A normalization form of Unicode.
enum UnicodeForm: String, CaseIterable, Sendable {
  case nfd = "NFD"
  case nfkd = "NFKD"
  case nfc = "NFC"
  case nfkc = "NFKC"

  var isCompatible: Bool { self == .nfkd || self == .nfkc }
  var composes: Bool { self == .nfc || self == .nfkc }
}

extension NormalizationStep {
  /// The steps of a `normalizer` of tokenizer.json; none where it is null. Throws `TokenizerError`
  /// where one of them is not done here.
  static func steps(_ json: JSONValue, path: String) throws -> [NormalizationStep] {
    if json == .null { return [] }
    guard let type = json["type"]?.string else {
      throw unsupported("has no type", path)
    }
    if type == "Sequence" {
      guard let parts = json["normalizers"]?.array else {
        throw unsupported("has no normalizers", path)
      }
      return try parts.flatMap { try steps($0, path: path) }
    }
    return [try step(type, SettingReader(object: json, path: path))]
  }

  private static func step(_ type: String, _ reader: SettingReader) throws -> NormalizationStep {
    if let form = UnicodeForm(rawValue: type) { return .form(form) }
    switch type {
    case "BertNormalizer": return .bert(try BertClean(reader))
    case "Lowercase": return .lowercase
    case "StripAccents": return .stripAccents
    case "Strip":
      return .strip(
        left: try reader.bool("strip_left") ?? true, right: try reader.bool("strip_right") ?? true)
    case "Replace": return try replacement(reader)
    case "Prepend":
      guard let content = reader.object["prepend"]?.string else {
        throw unsupported("Prepend has no text", reader.path)
      }
      return .prepend(content)
    case "Precompiled": return try precompiled(reader)
    case "Nmt": return .nmt
    case "ByteLevel": return .byteLevel
    default: throw unsupported("is \(type)", reader.path)
    }
  }

  private static func replacement(_ reader: SettingReader) throws -> NormalizationStep {
    guard let content = reader.object["content"]?.string else {
      throw unsupported("Replace has no content", reader.path)
    }
    let pattern = reader.object["pattern"]
    if let text = pattern?["String"]?.string, !text.isEmpty {
      return .replace(pattern: text, content: content)
    }
    guard let expression = pattern?["Regex"]?.string else {
      throw unsupported("Replace has no pattern", reader.path)
    }
    return .replaceMatches(
      try TextPattern(expression: expression, path: reader.path), content: content)
  }

  private static func precompiled(_ reader: SettingReader) throws -> NormalizationStep {
    guard let text = reader.object["precompiled_charsmap"]?.string,
      let blob = Data(base64Encoded: text), let map = PrecompiledCharsmap(Array(blob))
    else {
      throw TokenizerError.malformed(
        path: reader.path, problem: "the normalizer Precompiled: precompiled_charsmap is damaged")
    }
    return .precompiled(map)
  }

  private static func unsupported(_ problem: String, _ path: String) -> TokenizerError {
    .unsupported(path: path, problem: "the normalizer \(problem)")
  }
}

extension BertClean {
  fileprivate init(_ reader: SettingReader) throws {
    cleansText = try reader.bool("clean_text") ?? true
    separatesIdeographs = try reader.bool("handle_chinese_chars") ?? true
    stripsAccents = try reader.bool("strip_accents")
    lowercases = try reader.bool("lowercase") ?? true
  }
}
