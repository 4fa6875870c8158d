// The vocabulary of a directory, in whatever file it is.

import Foundation
import Storage

/// A model, and what else the file of a vocabulary says.
struct VocabularySource {
  var model: ModelDefinition
  /// SentencePiece's map of characters, as a normalizer of tokenizer.json.
  var charsmap: JSONValue?
  /// Tokens that the file marks as special.
  var addedTokens: [AddedToken] = []
  var path: String
}

extension TokenizerDirectory {
  /// The vocabulary for a class: of tokenizer.json, or else of the files that the class reads.
  func vocabularySource(_ rules: ClassRules) throws -> VocabularySource {
    if let tokenizer {
      let path = "\(path)/tokenizer.json"
      return VocabularySource(
        model: try ModelDefinition(tokenizer["model"] ?? .null, path: path),
        charsmap: Self.charsmap(tokenizer["normalizer"]), path: path)
    }
    guard rules.vocabularyFiles.allSatisfy(files.contains) else {
      throw TokenizerError.missingFile(
        directory: path, names: ["tokenizer.json"] + rules.vocabularyFiles)
    }
    let file = "\(path)/\(rules.vocabularyFiles[0])"
    switch rules.vocabularyFiles[0] {
    case "vocab.json": return VocabularySource(model: try mergesModel(), path: file)
    case "vocab.txt":
      return VocabularySource(
        model: ModelDefinition(kind: .wordPiece, vocabulary: try Vocabulary(contentsOf: file)),
        path: file)
    default: return try sentencePieceSource(file, isUnigram: rules.readsUnigram)
    }
  }

  /// The normalizer `Precompiled` of a tokenizer.json, if it has one.
  private static func charsmap(_ normalizer: JSONValue?) -> JSONValue? {
    let parts = normalizer?["normalizers"]?.array ?? normalizer.map { [$0] } ?? []
    return parts.first { $0["type"]?.string == "Precompiled" }
  }

  /// vocab.json and merges.txt.
  private func mergesModel() throws -> ModelDefinition {
    let path = "\(path)/vocab.json"
    var model = ModelDefinition(
      kind: .bpe, vocabulary: try Vocabulary(try readObject(path).object, path: path))
    let merges = "\(self.path)/merges.txt"
    var lines = try readBytes(merges).split(
      separator: 0x0A, omittingEmptySubsequences: false
    ).map { $0.last == 0x0D ? Array($0.dropLast()) : Array($0) }
    if lines.last?.isEmpty ?? false { lines.removeLast() }
    let pairs = try lines.enumerated().compactMap {
      try ModelDefinition.pair($1, $0, path: merges)
    }
    try model.setMerges(pairs, path: merges)
    return model
  }
}

extension ClassRules {
  fileprivate var readsUnigram: Bool {
    switch unknown {
    case .id, .named: true
    case .none, .token: false
    }
  }
}
