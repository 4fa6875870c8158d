// The rules of classes that are like no other.

import Storage

extension ClassRules {
  private static let quotes: [JSONValue] = [
    replace(text: "``", "\""), replace(text: "''", "\""),
  ]

  private static func replace(text: String, _ content: String) -> JSONValue {
    ["type": "Replace", "pattern": ["String": .string(text)], "content": .string(content)]
  }

  private static func replace(matches: String, _ content: String) -> JSONValue {
    ["type": "Replace", "pattern": ["Regex": .string(matches)], "content": .string(content)]
  }

  /// NFKD without accents unless they are kept, lowercase if it is wanted.
  private static func letters(
    _ configuration: SettingReader, lowercases: Bool, keepsAccents: Bool
  ) throws -> [JSONValue] {
    var parts: [JSONValue] = []
    if try !(configuration.bool("keep_accents") ?? keepsAccents) {
      parts += [["type": "NFKD"], ["type": "StripAccents"]]
    }
    if try configuration.bool("do_lower_case") ?? lowercases { parts.append(["type": "Lowercase"]) }
    return parts
  }

  static let albert = ClassRules(
    roles: classTokens, vocabularyFiles: ["spiece.model"],
    normalizer: { map, configuration in
      let parts = try letters(configuration, lowercases: true, keepsAccents: false)
      return normalizers(quotes + parts + (map.map { [$0] } ?? []))
    }, preTokenizer: { try sequence([whitespaceSplit, metaspace($0, "never")]) },
    frame: (["cls"], ["sep"]), unknown: .id(1))

  static let remBERT = ClassRules(
    roles: classTokens, vocabularyFiles: ["sentencepiece.model"],
    normalizer: { map, configuration in
      let parts = try letters(configuration, lowercases: false, keepsAccents: true)
      return normalizers(
        quotes + [replace(matches: " {2,}", " ")] + parts + (map.map { [$0] } ?? []))
    }, preTokenizer: { try metaspace($0, "never") }, frame: (["cls"], ["sep"]), unknown: .id(2))

  static let camembert: ClassRules = {
    var rules = sentencePiece(
      roles: sentenceTokens.merging(
        ["mask_token": AddedToken("<mask>", stripsLeft: true)]) { $1 },
      file: "sentencepiece.bpe.model", frame: (["bos"], ["eos"]),
      unknown: .named(isFree: false, otherwise: 0))
    rules.extraTokens = ["<s>NOTUSED", "</s>NOTUSED", "<unk>NOTUSED"]
    return rules
  }()

  static let t5: ClassRules = {
    var rules = sentencePiece(
      roles: tokens(["eos": "</s>", "unk": "<unk>", "pad": "<pad>"]), file: "spiece.model",
      frame: ([], ["eos"]), unknown: .id(2))
    // As many of them as the vocabulary has.
    rules.extraTokens = (0..<1000).map { "<extra_id_\($0)>" }
    return rules
  }()

  static let xlNet = ClassRules(
    roles: tokens([
      "bos": "<s>", "eos": "</s>", "unk": "<unk>", "sep": "<sep>", "pad": "<pad>", "cls": "<cls>",
    ]).merging(["mask_token": AddedToken("<mask>", stripsLeft: true)]) { $1 },
    extraTokens: ["<eop>", "<eod>"], vocabularyFiles: ["spiece.model"],
    normalizer: { map, configuration in
      let isLower = try configuration.bool("do_lower_case") ?? false
      return normalizers(
        quotes + [["type": "NFKD"], ["type": "StripAccents"]]
          + (isLower ? [["type": "Lowercase"]] : []) + (map.map { [$0] } ?? []))
    },
    preTokenizer: { _ in
      sequence([
        whitespaceSplit,
        ["type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true],
      ])
    }, frame: ([], ["sep", "cls"]), unknown: .id(0))

  static let debertaV2 = ClassRules(
    roles: tokens([
      "bos": "[CLS]", "eos": "[SEP]", "sep": "[SEP]", "cls": "[CLS]", "unk": "[UNK]",
      "pad": "[PAD]", "mask": "[MASK]",
    ]), vocabularyFiles: ["spm.model"],
    normalizer: { _, configuration in
      let isLower = try configuration.bool("do_lower_case") ?? false
      return normalizers(
        (isLower ? [["type": "Lowercase"]] : []) + [
          replace(matches: #"\s{2,}|[\n\r\t]"#, " "), ["type": "NFC"],
          ["type": "Strip", "strip_left": false, "strip_right": true],
        ])
    },
    preTokenizer: { configuration in
      let splits = try configuration.bool("split_by_punct") ?? false
      return sequence(
        (splits ? [["type": "Punctuation", "behavior": "Isolated"]] : [])
          + [try metaspace(configuration, "first")])
    }, frame: (["cls"], ["sep"]), unknown: .named(isFree: true, otherwise: 1))

  static let bigBird = ClassRules(
    roles: tokens([
      "bos": "<s>", "eos": "</s>", "unk": "<unk>", "pad": "<pad>", "sep": "[SEP]", "cls": "[CLS]",
    ]).merging(["mask_token": AddedToken("[MASK]", stripsLeft: true)]) { $1 },
    vocabularyFiles: ["spiece.model"],
    normalizer: { _, _ in replace(matches: " {2,}", "▁") },
    preTokenizer: { try metaspace($0, "never") }, frame: (["cls"], ["sep"]),
    unknown: .named(isFree: true, otherwise: 100))

  static let herbert: ClassRules = {
    var rules = ClassRules(
      roles: tokens([
        "cls": "<s>", "unk": "<unk>", "pad": "<pad>", "mask": "<mask>", "sep": "</s>",
      ]), vocabularyFiles: ["vocab.json", "merges.txt"],
      normalizer: { _, _ in
        [
          "type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
          "strip_accents": false, "lowercase": false,
        ]
      }, preTokenizer: { _ in ["type": "BertPreTokenizer"] }, frame: (["cls"], ["sep"]),
      unknown: .token)
    rules.wordSuffix = "</w>"
    return rules
  }()

  static let mpNet = ClassRules(
    roles: tokens([
      "bos": "<s>", "eos": "</s>", "sep": "</s>", "cls": "<s>", "unk": "[UNK]", "pad": "<pad>",
    ]).merging(["mask_token": AddedToken("<mask>", stripsLeft: true)]) { $1 },
    vocabularyFiles: ["vocab.txt"],
    normalizer: { _, configuration in
      [
        "type": "BertNormalizer", "clean_text": true,
        "handle_chinese_chars": .bool(try configuration.bool("tokenize_chinese_chars") ?? true),
        "strip_accents": try configuration.bool("strip_accents").map { .bool($0) } ?? .null,
        "lowercase": .bool(try configuration.bool("do_lower_case") ?? true),
      ]
    }, preTokenizer: { _ in ["type": "BertPreTokenizer"] }, frame: (["cls"], ["sep"]),
    unknown: .token)

  static let llama: ClassRules = {
    var rules = ClassRules(
      roles: tokens(["bos": "<s>", "eos": "</s>", "unk": "<unk>"]),
      vocabularyFiles: ["tokenizer.model"], normalizer: { _, _ in .null },
      preTokenizer: { configuration in
        let adds = try configuration.bool("add_prefix_space") ?? true
        let isOld = try configuration.bool("legacy") ?? false
        return [
          "type": "Metaspace", "replacement": "▁", "split": false,
          "prepend_scheme": .string(adds ? (isOld ? "always" : "first") : "never"),
        ]
      })
    rules.fallsBackToBytes = true
    return rules
  }()

  static let gemma: ClassRules = {
    var rules = ClassRules(
      roles: tokens([
        "bos": "<bos>", "eos": "<eos>", "unk": "<unk>", "pad": "<pad>", "mask": "<mask>",
      ]), vocabularyFiles: ["tokenizer.model"], normalizer: { _, _ in replace(text: " ", "▁") },
      preTokenizer: { _ in
        ["type": "Split", "pattern": ["String": " "], "behavior": "MergedWithPrevious"]
      }, unknown: .token)
    rules.fallsBackToBytes = true
    return rules
  }()
}
