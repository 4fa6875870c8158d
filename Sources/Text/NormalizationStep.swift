// The normalizers of tokenizer.json, by the names that the library `tokenizers` gives them.

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
    func unsupported(_ problem: String) -> TokenizerError {
      .unsupported(path: path, problem: "the normalizer \(problem)")
    }
    guard let type = json["type"]?.string else { throw unsupported("has no type") }
    let reader = SettingReader(object: json, path: path)
    if let form = UnicodeForm(rawValue: type) { return [.form(form)] }
    switch type {
    case "Sequence":
      guard let parts = json["normalizers"]?.array else { throw unsupported("has no normalizers") }
      return try parts.flatMap { try steps($0, path: path) }
    case "BertNormalizer": return [.bert(try BertClean(reader))]
    case "Lowercase": return [.lowercase]
    case "StripAccents": return [.stripAccents]
    case "Strip":
      return [
        .strip(
          left: try reader.bool("strip_left") ?? true,
          right: try reader.bool("strip_right") ?? true)
      ]
    case "Replace":
      guard let pattern = json["pattern"]?["String"]?.string, !pattern.isEmpty else {
        throw unsupported("Replace has no plain text for a pattern")
      }
      guard let content = json["content"]?.string else {
        throw unsupported("Replace has no content")
      }
      return [.replace(pattern: pattern, content: content)]
    default: throw unsupported("is \(type)")
    }
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
