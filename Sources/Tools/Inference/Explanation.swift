// Why a label was given: what adds to its logit. Of a linear part the features of words, of label
// attention the words of the text.

import Data
import Kernels
import Memory
import Models
import Reporting
import Storage
import Text

/// Names what speaks for the labels of a batch's rows.
struct Explanation {
  private let session: InferenceSession
  /// How many reasons a label gets at most.
  private let limit: Int

  /// Throws exit code 64 where the model's logits are no sums of what could be named.
  init(_ session: InferenceSession, path: String, limit: Int) throws {
    let attends = (session.model as? EncoderClassifier)?.sumsOverTokens == true
    guard attends || session.loaded.vocabulary != nil else {
      throw Failure(
        .usage,
        "--explain: \(path) has no linear part, whose features could be named, and no label "
          + "attention; train one with model.type \"linear\", model.tfidf or model.pooling "
          + "\"label_attention\"")
    }
    (self.session, self.limit) = (session, limit)
  }

  /// For each row of the batch, and each of the labels that it was given, the list of reasons.
  func reasons(_ batch: Batch, labels: [[Int]]) -> [[JSONValue]] {
    let tokens = tokenReasons(batch, labels)
    return labels.enumerated().map { row, labels in
      labels.enumerated().map { place, label in
        let reasons = (tokens?[row][place] ?? []) + featureReasons(batch, row: row, label: label)
        return .array(
          reasons.sorted { $0.logit > $1.logit }.prefix(limit).map { .object($0.json) })
      }
    }
  }

  /// Features of the linear part that speak for the label.
  private func featureReasons(_ batch: Batch, row: Int, label: Int) -> [Reason] {
    guard let vocabulary = session.loaded.vocabulary else { return [] }
    return session.model.reasons(for: label, ofRow: row, of: batch, limit: limit).map {
      Reason(logit: $0.logit, json: ["feature": .string(vocabulary.name($0.feature))])
    }
  }

  /// Words that label attention takes for the label; nil where the model has none.
  private func tokenReasons(_ batch: Batch, _ labels: [[Int]]) -> [[[Reason]]]? {
    guard let model = session.model as? EncoderClassifier, model.sumsOverTokens,
      let tokenizer = session.loaded.tokenizer
    else { return nil }
    let terms = model.tokenTerms(batch, labels: labels, in: session.workspace)
    let dataset = session.dataset
    return batch.rows.enumerated().map { place, row in
      let words = dataset.stored.withText(dataset.storedRow(row)) { text in
        NamedWord.all(of: text, tokenizer, maxLength: session.loaded.notes.maxLength)
      }
      precondition(words.last?.tokens.upperBound == terms[place].rows, "the words of another row")
      return labels[place].indices.map { column in
        words.compactMap { word in
          let logit = word.tokens.reduce(Float(0)) { $0 + terms[place][$1, column] }
          return logit > 0 ? Reason(logit: logit, json: word.json) : nil
        }
      }
    }
  }
}

/// A word with what is printed of it.
private struct NamedWord {
  /// The places of its tokens in the row.
  let tokens: Range<Int>
  let json: JSONObject

  static func all(
    of text: Span<UInt8>, _ tokenizer: any Tokenizer, maxLength: Int
  ) -> [NamedWord] {
    let words = tokenizer.placedWords(utf8: text, maxLength: maxLength)
    let places = CharacterPlaces(text)
    return words.map { word in
      guard let bytes = word.bytes else {
        return NamedWord(tokens: word.tokens, json: ["word": .string(word.special ?? "")])
      }
      let characters = places.characters(bytes)
      return NamedWord(
        tokens: word.tokens,
        json: [
          "word": .string(String(decoding: bytes.map { text[$0] }, as: UTF8.self)),
          "start": .integer(characters.lowerBound), "end": .integer(characters.upperBound),
        ])
    }
  }
}

/// Something that adds to a logit.
private struct Reason {
  let logit: Float
  let json: JSONObject

  /// What adds to the logit, and how much.
  init(logit: Float, json: JSONObject) {
    var json = json
    json["logit"] = shortest(logit)
    (self.logit, self.json) = (logit, json)
  }
}

/// Counts characters as Python does: code points.
private struct CharacterPlaces {
  /// How many characters begin before each byte, and in all.
  private let counts: [Int]

  init(_ text: Span<UInt8>) {
    var counts = [0]
    counts.reserveCapacity(text.count + 1)
    for index in text.indices {
      counts.append(counts[index] + (text[index] & 0xC0 == 0x80 ? 0 : 1))
    }
    self.counts = counts
  }

  func characters(_ bytes: Range<Int>) -> Range<Int> {
    counts[bytes.lowerBound]..<counts[bytes.upperBound]
  }
}

/// The number in as few digits as tell it from all others of single precision.
func shortest(_ value: Float) -> JSONValue { .double(Double("\(value)") ?? Double(value)) }
