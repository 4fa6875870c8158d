import Foundation

/// The n-grams that are features, numbered from 0: those in the most texts first, so that frequent
/// features lie together in memory; equally frequent ones in the order of their names' bytes.
public struct NGramVocabulary: Sendable {
  /// What the n-grams are.
  public let settings: NGramSettings
  /// n, the number of texts that were counted.
  public let textCount: Int
  /// df, the number of texts with each feature.
  public let documentFrequencies: [Int32]
  /// 16 hexadecimal digits that change with anything that can change features.
  public let fingerprint: String
  let names: ByteStringTable
  /// ln((1 + n) / (1 + df)) + 1 of each feature, scikit-learn's `smooth_idf`.
  let inverseFrequencies: [Double]

  /// The n-grams in at least `minimumDocumentFrequency` texts; of these at most `maximumFeatures`,
  /// the first in the order of the numbers.
  public init(_ counts: NGramCounts) {
    let kept = counts.kept()
    var names = ByteStringTable()
    names.reserve(
      count: kept.count, byteCount: kept.reduce(0) { $0 + counts.names.range($1).count })
    for index in kept { _ = names.intern(counts.names.bytes.span, counts.names.range(index)) }
    self.init(
      NGramList(
        settings: counts.settings, textCount: counts.textCount, names: names,
        documentFrequencies: kept.map { counts.documentFrequencies[$0] }))
  }

  /// The features of a list in the order of their numbers.
  private init(_ list: NGramList) {
    settings = list.settings
    textCount = list.textCount
    documentFrequencies = list.documentFrequencies
    names = list.names
    fingerprint = list.fingerprint
    let texts = Double(list.textCount)
    inverseFrequencies = list.documentFrequencies.map { log((1 + texts) / (1 + Double($0))) + 1 }
  }

  /// The number of features.
  public var count: Int { documentFrequencies.count }

  /// The feature's n-gram: words with blanks between them, or `char:` and the characters.
  public func name(_ id: Int) -> String {
    String(decoding: names.bytes[names.range(id)], as: UTF8.self)
  }

  /// The vocabulary as a text file: a header with settings and counts, then a line a feature, its
  /// document frequency and its name with a tab between them. Blanks at a line's end are part of
  /// the name.
  public var fileContent: [UInt8] {
    NGramList(
      settings: settings, textCount: textCount, names: names,
      documentFrequencies: documentFrequencies
    ).fileContent
  }

  /// The vocabulary that `fileContent` gave; `path` is for messages. Throws `FeatureError`.
  public init(fileContent: [UInt8], path: String) throws(FeatureError) {
    self.init(try NGramList(parsing: fileContent, path: path, isSorted: true))
  }
}

extension NGramCounts {
  /// An n-gram with what decides its place; the first bytes as a number spare most comparisons of
  /// names.
  private struct Candidate {
    let frequency: Int32
    let beginning: UInt64
    let index: Int
  }

  /// The n-grams that are features, in the order of their numbers.
  fileprivate func kept() -> [Int] {
    var candidates: [Candidate] = []
    for index in 0..<count where documentFrequencies[index] >= settings.minimumDocumentFrequency {
      let name = names.range(index)
      var beginning: UInt64 = 0
      for offset in 0..<8 {
        beginning = beginning << 8
        if offset < name.count { beginning |= UInt64(names.bytes[name.lowerBound + offset]) }
      }
      candidates.append(
        Candidate(
          frequency: documentFrequencies[index], beginning: beginning, index: index))
    }
    candidates.sort { first, second in
      if first.frequency != second.frequency { return first.frequency > second.frequency }
      if first.beginning != second.beginning { return first.beginning < second.beginning }
      return names.bytes[names.range(first.index)].lexicographicallyPrecedes(
        names.bytes[names.range(second.index)])
    }
    return candidates.prefix(settings.maximumFeatures ?? .max).map(\.index)
  }
}
