// A SentencePiece model as the vocabulary of a class of `transformers`.

import Foundation
import Storage

extension TokenizerDirectory {
  /// The vocabulary of a SentencePiece model; a class has its own order of the first pieces.
  func sentencePieceSource(_ path: String, isUnigram: Bool) throws -> VocabularySource {
    let file = try SentencePieceFile(try readBytes(path), path: path)
    var pieces = file.pieces.map { ScoredPiece(bytes: $0.bytes, score: Double($0.score)) }
    if case .named(let name) = tokenizerClass {
      pieces = try reordered(pieces, for: name)
    }
    let vocabulary = Vocabulary(
      pieces: pieces.enumerated().map { Piece(bytes: $1.bytes, id: Int32($0)) })
    var model = ModelDefinition(kind: isUnigram ? .unigram : .bpe, vocabulary: vocabulary)
    if isUnigram {
      model.scores = pieces.map(\.score)
      model.unknownID = file.unknownID
    } else {
      model.merges = vocabulary.impliedMerges()
    }
    let marked = file.pieces.filter { $0.type == .control || $0.type == .userDefined }
    return VocabularySource(
      model: model,
      charsmap: file.charsmap.isEmpty
        ? nil
        : [
          "type": "Precompiled",
          "precompiled_charsmap": .string(Data(file.charsmap).base64EncodedString()),
        ],
      addedTokens: marked.map { AddedToken(String(decoding: $0.bytes, as: UTF8.self)) }, path: path)
  }

  /// The pieces as the class numbers them.
  private func reordered(_ pieces: [ScoredPiece], for name: String) throws -> [ScoredPiece] {
    let configured = try configuredRoles()
    func piece(_ role: String, _ standard: String, _ score: Double = 0) -> ScoredPiece {
      ScoredPiece(bytes: Array((configured[role]?.content ?? standard).utf8), score: score)
    }
    func fixed(_ name: String, _ score: Double) -> ScoredPiece {
      ScoredPiece(bytes: Array(name.utf8), score: score)
    }
    switch name {
    case "XLMRobertaTokenizer":
      let first = [
        piece("bos_token", "<s>"), piece("pad_token", "<pad>"), piece("eos_token", "</s>"),
        piece("unk_token", "<unk>"),
      ]
      return first + pieces.dropFirst(3) + [piece("mask_token", "<mask>")]
    case "CamembertTokenizer":
      let first = [
        fixed("<s>NOTUSED", 0), piece("pad_token", "<pad>"), fixed("</s>NOTUSED", 0),
        piece("unk_token", "<unk>"), fixed("<unk>NOTUSED", -100),
      ]
      return first + pieces.dropFirst() + [piece("mask_token", "<mask>")]
    case "T5Tokenizer":
      let count = configuration["extra_ids"]?.integer ?? 100
      guard 0...10_000 ~= count else {
        throw TokenizerError.malformed(
          path: "\(path)/tokenizer_config.json", problem: "extra_ids is \(count)")
      }
      return pieces + (0..<count).reversed().map { fixed("<extra_id_\($0)>", 0) }
    default: return pieces
    }
  }
}

extension Vocabulary {
  /// The merges of a BPE model that lists only pieces: each piece may be made of any two others,
  /// in the order of their ids.
  func impliedMerges() -> [BPEModel.Merge] {
    var merges: [BPEModel.Merge] = []
    for piece in pieces where id(of: piece.bytes) == piece.id {
      for place in piece.bytes.indices.dropFirst() where piece.bytes[place] & 0xC0 != 0x80 {
        guard let left = id(of: Array(piece.bytes[..<place])),
          let right = id(of: Array(piece.bytes[place...]))
        else { continue }
        merges.append(BPEModel.Merge(left: left, right: right, result: piece.id))
      }
    }
    return merges
  }
}
