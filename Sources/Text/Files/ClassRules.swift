// What the classes of `transformers` 5 make themselves, of which the files say nothing that counts.
// The parts are written as tokenizer.json would have them.

import Storage

/// The rules of one class.
struct ClassRules: Sendable {
  /// The tokens that have a role unless the files name others, by the key of that role. A token
  /// with `lstrip` swallows the spaces before it.
  var roles: [String: AddedToken]
  /// Special tokens without a role.
  var extraTokens: [String] = []
  /// What the class reads where there is no tokenizer.json.
  var vocabularyFiles: [String]
  /// The normalizer, from the charsmap of the files and the configuration.
  var normalizer: NormalizerMaker
  /// The pre-tokenizer, from the configuration.
  var preTokenizer: SplitterMaker
  /// The roles of the tokens before and behind a row; nil where the post-processor of
  /// tokenizer.json counts.
  var frame: (before: [String], after: [String])?
  /// How the id of the unknown token of a Unigram model is found.
  var unknown = UnknownRule.none
  /// Of a BPE model: whether characters that are no piece are spelled in bytes, and unknown ones
  /// next to each other are one token.
  var fallsBackToBytes = false
  /// What is written behind the last character of a word.
  var wordSuffix: String?

  typealias NormalizerMaker = @Sendable (JSONValue?, SettingReader) throws -> JSONValue
  typealias SplitterMaker = @Sendable (SettingReader) throws -> JSONValue

  /// Which piece stands for what is no piece.
  enum UnknownRule: Equatable, Sendable {
    /// There is none.
    case none
    case id(Int32)
    /// The first piece of the unknown token's name, else an id; the score must be 0 if `isFree`.
    case named(isFree: Bool, otherwise: Int32)
    /// `unk_token` of a BPE model.
    case token
  }
}

extension ClassRules {
  /// The rules by the name of the class.
  static let all: [String: ClassRules] = [
    "RobertaTokenizer": byteLevel(
      roles: tokens([
        "bos": "<s>", "eos": "</s>", "sep": "</s>", "cls": "<s>", "unk": "<unk>",
        "pad": "<pad>", "mask": "<mask>",
      ]), frame: (["cls"], ["sep"])),
    "DebertaTokenizer": byteLevel(
      roles: tokens([
        "bos": "[CLS]", "eos": "[SEP]", "sep": "[SEP]", "cls": "[CLS]",
        "unk": "[UNK]", "pad": "[PAD]", "mask": "[MASK]",
      ]),
      frame: (["cls"], ["sep"])),
    "GPT2Tokenizer": byteLevel(
      roles: tokens(["bos": "<|endoftext|>", "eos": "<|endoftext|>", "unk": "<|endoftext|>"]),
      frame: nil),
    "GPTNeoXTokenizer": byteLevel(
      roles: tokens([
        "bos": "<|endoftext|>", "eos": "<|endoftext|>", "unk": "<|endoftext|>",
        "pad": "<|padding|>",
      ]), normalizer: ["type": "NFC"], frame: ([], [])),
    "XLMRobertaTokenizer": sentencePiece(
      roles: sentenceTokens, file: "sentencepiece.bpe.model", frame: (["bos"], ["eos"]),
      unknown: .id(3)),
    "CamembertTokenizer": camembert,
    "AlbertTokenizer": albert,
    "DebertaV2Tokenizer": debertaV2,
    "RemBertTokenizer": remBERT,
    "BigBirdTokenizer": bigBird,
    "XLNetTokenizer": xlNet,
    "T5Tokenizer": t5,
    "HerbertTokenizer": herbert,
    "MPNetTokenizer": mpNet,
    "LlamaTokenizer": llama,
    "GemmaTokenizer": gemma,
  ]

  static func tokens(_ names: [String: String]) -> [String: AddedToken] {
    Dictionary(uniqueKeysWithValues: names.map { ("\($0)_token", AddedToken($1)) })
  }

  /// Those of SentencePiece models with <s> and </s> around a row.
  static let sentenceTokens = tokens([
    "bos": "<s>", "eos": "</s>", "sep": "</s>", "cls": "<s>", "unk": "<unk>", "pad": "<pad>",
    "mask": "<mask>",
  ])

  /// Those of SentencePiece models with [CLS] and [SEP] around a row.
  static let classTokens = tokens([
    "bos": "[CLS]", "eos": "[SEP]", "sep": "[SEP]", "cls": "[CLS]", "unk": "<unk>",
    "pad": "<pad>", "mask": "[MASK]",
  ])

  private static func byteLevel(
    roles: [String: AddedToken], normalizer: JSONValue = .null,
    frame: (before: [String], after: [String])?
  ) -> ClassRules {
    ClassRules(
      roles: roles, vocabularyFiles: ["vocab.json", "merges.txt"],
      normalizer: { _, _ in normalizer },
      preTokenizer: { configuration in
        [
          "type": "ByteLevel",
          "add_prefix_space": .bool(try configuration.bool("add_prefix_space") ?? false),
          "trim_offsets": true, "use_regex": true,
        ]
      }, frame: frame)
  }

  /// The map of characters, words at white space, and ▁ before each.
  static func sentencePiece(
    roles: [String: AddedToken], file: String, frame: (before: [String], after: [String])?,
    unknown: UnknownRule
  ) -> ClassRules {
    ClassRules(
      roles: roles, vocabularyFiles: [file], normalizer: { map, _ in map ?? .null },
      preTokenizer: { try sequence([whitespaceSplit, metaspace($0, "never")]) }, frame: frame,
      unknown: unknown)
  }

  static let whitespaceSplit: JSONValue = ["type": "WhitespaceSplit"]

  /// `other` is the scheme where `add_prefix_space` is false.
  static func metaspace(_ configuration: SettingReader, _ other: String) throws -> JSONValue {
    let adds = try configuration.bool("add_prefix_space") ?? true
    return [
      "type": "Metaspace", "replacement": "▁", "prepend_scheme": .string(adds ? "always" : other),
      "split": true,
    ]
  }

  static func sequence(_ parts: [JSONValue]) -> JSONValue {
    ["type": "Sequence", "pretokenizers": .array(parts)]
  }

  static func normalizers(_ parts: [JSONValue]) -> JSONValue {
    ["type": "Sequence", "normalizers": .array(parts)]
  }
}
