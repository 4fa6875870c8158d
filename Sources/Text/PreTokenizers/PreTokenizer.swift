// The pre-tokenizers of tokenizer.json, by the names that the library `tokenizers` gives them.

import Storage

/// One way to split text into words; a `Sequence` is several, one after the other.
enum PreTokenizer: Equatable, Sendable {
  /// At white space, which goes, and around each punctuation mark: `BertPreTokenizer`.
  case bert
  /// Runs of letters, digits and underscores, and runs of anything else: `Whitespace`.
  case words
  /// At white space, which goes: `WhitespaceSplit`.
  case whitespaceSplit
  case punctuation(SplitBehavior)
  /// Around each digit, or around each run of digits.
  case digits(individual: Bool)
  /// At a character, which goes: `CharDelimiterSplit`.
  case delimiter([UInt8])
  /// At the matches of a pattern, or at what lies between them.
  case split(TextPattern, SplitBehavior, isInverted: Bool)
  /// Every so many characters.
  case fixedLength(Int)
  case byteLevel(ByteLevel)
  case metaspace(Metaspace)
}

/// GPT-2's way: words by its regular expression, then bytes as characters of its alphabet.
struct ByteLevel: Equatable, Sendable {
  /// Whether a text that begins with no space gets one.
  var addsPrefixSpace = true
  /// Whether text is split into words.
  var usesExpression = true
  /// Whether bytes become characters here; where the model reads bytes there is no need.
  var writesAlphabet = true
}

/// SentencePiece's way: spaces become a visible character that belongs to the word behind it.
struct Metaspace: Equatable, Sendable {
  enum PrependScheme: String { case always, first, never }

  /// The visible character, ▁.
  var replacement: [UInt8] = [0xE2, 0x96, 0x81]
  /// Whether text that does not begin with it gets it: any, or only what begins a row.
  var scheme = PrependScheme.always
  /// Whether the text is split there.
  var splits = true
}

extension PreTokenizer {
  /// The pre-tokenizers that a `pre_tokenizer` of tokenizer.json means; none where it is null.
  /// Throws `TokenizerError` where one of them is not done here.
  static func list(_ json: JSONValue, path: String) throws -> [PreTokenizer] {
    if json == .null { return [] }
    guard let type = json["type"]?.string else { throw unsupported("has no type", path) }
    if type == "Sequence" {
      guard let parts = json["pretokenizers"]?.array else {
        throw unsupported("has no pretokenizers", path)
      }
      return try parts.flatMap { try list($0, path: path) }
    }
    return [try make(type, SettingReader(object: json, path: path))]
  }

  private static func make(_ type: String, _ reader: SettingReader) throws -> PreTokenizer {
    switch type {
    case "BertPreTokenizer": return .bert
    case "Whitespace": return .words
    case "WhitespaceSplit": return .whitespaceSplit
    case "Punctuation": return .punctuation(try behavior(reader) ?? .isolated)
    case "Digits": return .digits(individual: try reader.bool("individual_digits") ?? false)
    case "CharDelimiterSplit", "Delimiter":
      guard let text = reader.object["delimiter"]?.string, text.unicodeScalars.count == 1 else {
        throw unsupported("\(type) has no delimiter", reader.path)
      }
      return .delimiter(Array(text.utf8))
    case "Split": return try split(reader)
    case "FixedLength":
      let length = reader.object["length"]?.integer ?? 5
      guard length > 0 else { throw unsupported("FixedLength has no length", reader.path) }
      return .fixedLength(length)
    case "ByteLevel":
      return .byteLevel(
        ByteLevel(
          addsPrefixSpace: try reader.bool("add_prefix_space") ?? true,
          usesExpression: try reader.bool("use_regex") ?? true))
    case "Metaspace": return .metaspace(try Metaspace(reader))
    default: throw unsupported("is \(type)", reader.path)
    }
  }

  private static func split(_ reader: SettingReader) throws -> PreTokenizer {
    guard let behavior = try behavior(reader) else {
      throw unsupported("Split has no behavior", reader.path)
    }
    let isInverted = try reader.bool("invert") ?? false
    let pattern = reader.object["pattern"]
    if let text = pattern?["String"]?.string, !text.isEmpty {
      return .split(.text(Array(text.utf8)), behavior, isInverted: isInverted)
    }
    guard let expression = pattern?["Regex"]?.string else {
      throw unsupported("Split has no pattern", reader.path)
    }
    return .split(
      try TextPattern(expression: expression, path: reader.path), behavior, isInverted: isInverted)
  }

  private static func behavior(_ reader: SettingReader) throws -> SplitBehavior? {
    guard let value = reader.object["behavior"] else { return nil }
    guard let behavior = value.string.flatMap(SplitBehavior.init) else {
      throw unsupported("has the behavior \(value.text())", reader.path)
    }
    return behavior
  }

  private static func unsupported(_ problem: String, _ path: String) -> TokenizerError {
    .unsupported(path: path, problem: "the pre_tokenizer \(problem)")
  }
}

extension Metaspace {
  fileprivate init(_ reader: SettingReader) throws {
    let replacement = reader.object["replacement"]?.string ?? "▁"
    let name = reader.object["prepend_scheme"]?.string ?? "always"
    guard replacement.unicodeScalars.count == 1, var scheme = PrependScheme(rawValue: name) else {
      throw TokenizerError.unsupported(
        path: reader.path,
        problem: "the pre_tokenizer Metaspace has the prepend_scheme \(name) and the replacement "
          + replacement)
    }
    // Files of older versions say it so.
    if try reader.bool("add_prefix_space") == false { scheme = .never }
    self.init(
      replacement: Array(replacement.utf8), scheme: scheme,
      splits: try reader.bool("split") ?? true)
  }
}
