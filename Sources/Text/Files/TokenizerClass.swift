// The class of `transformers` that reads a tokenizer's files. Some classes take everything from
// tokenizer.json; others take only the vocabulary from there and make the rest themselves.

import Storage

/// How the files of a directory are to be read.
enum TokenizerClass: Equatable {
  /// Everything is in tokenizer.json.
  case generic
  /// BERT's WordPiece, whatever tokenizer.json says besides the vocabulary.
  case bert
  /// A class that makes all but the vocabulary itself, by its name without "Fast".
  case named(String)

  /// The name that makes `transformers` read the files so.
  var name: String {
    switch self {
    case .generic: "PreTrainedTokenizerFast"
    case .bert: "BertTokenizer"
    case .named(let name): name
    }
  }

  /// Whether files that name this class, or none, would be read otherwise than this one says.
  func isUnnamed(in configuration: JSONValue) -> Bool {
    guard let named = configuration["tokenizer_class"]?.string else { return true }
    return self == .generic && !Self.genericNames.contains(named)
  }

  private static let genericNames: Set<String> = [
    "PreTrainedTokenizer", "PreTrainedTokenizerFast", "PythonBackend", "TokenizersBackend",
  ]

  /// The classes that tokenize as `BertTokenizer` does.
  private static let bertNames: Set<String> = [
    "BertTokenizer", "ConvBertTokenizer", "DistilBertTokenizer", "ElectraTokenizer",
    "LayoutLMTokenizer", "LxmertTokenizer", "MobileBertTokenizer", "SqueezeBertTokenizer",
  ]

  /// Other names of classes.
  private static let aliases: [String: String] = [
    "BartTokenizer": "RobertaTokenizer", "LEDTokenizer": "RobertaTokenizer",
    "LongformerTokenizer": "RobertaTokenizer", "FNetTokenizer": "AlbertTokenizer",
  ]

  /// The class of models whose files name none. A model type with a generic class takes that one
  /// whatever the files name.
  private static let classes: [String: String] = [
    "albert": "AlbertTokenizer", "bart": "RobertaTokenizer", "bert": "BertTokenizer",
    "big_bird": "BigBirdTokenizer", "camembert": "CamembertTokenizer",
    "data2vec-text": "RobertaTokenizer", "deberta": "DebertaTokenizer",
    "deberta-v2": "DebertaV2Tokenizer", "distilbert": "BertTokenizer",
    "electra": "BertTokenizer", "ernie": "BertTokenizer", "gpt2": "GPT2Tokenizer",
    "gpt_neox": "GPTNeoXTokenizer", "ibert": "RobertaTokenizer", "longformer": "RobertaTokenizer",
    "mpnet": "MPNetTokenizer", "rembert": "RemBertTokenizer", "roberta": "RobertaTokenizer",
    "roberta-prelayernorm": "RobertaTokenizer", "t5": "T5Tokenizer",
    "xlm-roberta": "XLMRobertaTokenizer", "xlnet": "XLNetTokenizer", "xmod": "XLMRobertaTokenizer",
    "gte": "XLMRobertaTokenizer", "jina_embeddings_v3": "XLMRobertaTokenizer",
    "nomic_bert": "BertTokenizer",
  ]
  private static let genericTypes: Set<String> = [
    "modernbert", "modernbert-decoder", "nystromformer", "umt5", "xlm-roberta-xl",
  ]

  /// The class that `AutoTokenizer` takes, by tokenizer_config.json and config.json. Throws
  /// `TokenizerError` where the class is one with rules of its own.
  static func of(
    _ configuration: JSONValue, model: JSONValue?, tokenizer: JSONValue?, path: String
  ) throws -> TokenizerClass {
    let type = model?["model_type"]?.string
    if let type, genericTypes.contains(type) { return .generic }
    var (name, file) = (configuration["tokenizer_class"]?.string, "tokenizer_config.json")
    if name == nil { (name, file) = (model?["tokenizer_class"]?.string, "config.json") }
    name = name ?? type.flatMap { classes[$0] }
    guard let name else {
      // Files of the first versions do not name the type of the model.
      let isWordPiece = tokenizer?["model"]?["type"]?.string ?? "WordPiece" == "WordPiece"
      return isWordPiece ? .bert : .generic
    }
    if genericNames.contains(name) { return .generic }
    let short = name.hasSuffix("Fast") ? String(name.dropLast(4)) : name
    let plain = aliases[short] ?? short
    if bertNames.contains(plain) { return .bert }
    if plain == "LlamaTokenizer", tokenizer.map(isByteLevel) ?? false { return .generic }
    guard ClassRules.all[plain] != nil else {
      throw TokenizerError.unsupported(
        path: "\(path)/\(file)", problem: "tokenizer_class is \(name)")
    }
    return .named(plain)
  }

  /// Whether bytes become characters of GPT-2's alphabet, so that the files are not what the class
  /// reads.
  private static func isByteLevel(_ tokenizer: JSONValue) -> Bool {
    ["pre_tokenizer", "decoder"].contains { key in
      let part = tokenizer[key]
      let parts = part?["pretokenizers"]?.array ?? part?["decoders"]?.array ?? []
      return ([part] + parts).contains { $0?["type"]?.string == "ByteLevel" }
    }
  }
}
