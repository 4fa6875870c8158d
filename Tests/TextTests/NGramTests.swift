// N-gram features against scikit-learn's TfidfVectorizer, and what holds whatever the texts are.

import Testing
import Text

private struct NGramFixture: Decodable {
  struct Row: Decodable {
    let ids: [Int32]
    let values: [Float]
  }

  struct Case: Decodable {
    let words: [Int]
    let characters: [Int]?
    let minimum: Int
    let sublinear: Bool
    let names: [String]
    let frequencies: [Int32]
    /// Those of `texts`, then those of `others`.
    let rows: [Row]

    var settings: NGramSettings {
      var settings = NGramSettings()
      settings.wordNGrams = words[0]...words[1]
      settings.characterNGrams = characters.map { $0[0]...$0[1] }
      settings.minimumDocumentFrequency = minimum
      settings.sublinear = sublinear
      return settings
    }
  }

  let texts: [String]
  let others: [String]
  let cases: [Case]
  let codePoints: [String]
}

private func ngrams() throws -> NGramFixture {
  try fixture("ngrams", as: NGramFixture.self)
}

private func counts(_ texts: some Sequence<String>, _ settings: NGramSettings) -> NGramCounts {
  var counts = NGramCounts(settings)
  for text in texts { counts.add(utf8: text.utf8.span) }
  return counts
}

private func settings(_ change: (inout NGramSettings) -> Void) -> NGramSettings {
  var settings = NGramSettings()
  change(&settings)
  return settings
}

/// Names compared by bytes: canonically equivalent ones are different features.
private func names(_ vocabulary: NGramVocabulary) -> [[UInt8]] {
  (0..<vocabulary.count).map { Array(vocabulary.name($0).utf8) }
}

@Test func featuresAreThoseOfScikitLearn() throws {
  let fixture = try ngrams()
  // The fixture has seven digits, and a Float has about as many.
  let tolerance: Float = 1e-6
  for expected in fixture.cases {
    let vocabulary = NGramVocabulary(counts(fixture.texts, expected.settings))
    #expect(names(vocabulary) == expected.names.map { Array($0.utf8) })
    #expect(vocabulary.documentFrequencies == expected.frequencies)
    #expect(vocabulary.textCount == fixture.texts.count)
    for (text, row) in zip(fixture.texts + fixture.others, expected.rows) {
      var (ids, values): ([Int32], [Float]) = ([], [])
      vocabulary.features(utf8: text.utf8.span, ids: &ids, values: &values)
      #expect(ids == row.ids, "\(text)")
      #expect(zip(values, row.values).allSatisfy { abs($0 - $1) <= tolerance }, "\(text)")
      #expect(values.count == ids.count)
    }
  }
}

@Test func everyCharacterIsALetterOrNotAsInPython() throws {
  let expected = try ngrams().codePoints
  let everything = settings {
    $0.wordNGrams = 1...1
    $0.characterNGrams = 4...4
    $0.minimumDocumentFrequency = 1
  }
  for (block, hash) in expected.enumerated() {
    let scalars = (0..<0x1000).compactMap { Unicode.Scalar(UInt32(0x1000 * block + $0)) }
    let text = scalars.map { "a\($0)b" }.joined(separator: "\n")
    let vocabulary = NGramVocabulary(counts(scalars.isEmpty ? [] : [text], everything))
    let names = (0..<vocabulary.count).map(vocabulary.name).joined(separator: "\n")
    #expect(fnv(names) == hash, "characters from \(String(0x1000 * block, radix: 16))")
  }
}

@Test func theVocabularyIsTheSameForAnyNumberOfParts() throws {
  let fixture = try ngrams()
  for expected in fixture.cases {
    let whole = NGramVocabulary(counts(fixture.texts, expected.settings))
    for parts in 1...3 {
      var merged = NGramCounts(expected.settings)
      for part in 0..<parts {
        let share = stride(from: part, to: fixture.texts.count, by: parts).map { fixture.texts[$0] }
        merged.merge(
          try NGramCounts(serialized: counts(share, expected.settings).serialized))
      }
      let vocabulary = NGramVocabulary(merged)
      #expect(vocabulary.fileContent == whole.fileContent)
      #expect(vocabulary.fingerprint == whole.fingerprint)
    }
  }
}

@Test func countingGoesOnAfterMerging() throws {
  let settings = settings { $0.minimumDocumentFrequency = 1 }
  var merged = try NGramCounts(serialized: counts(["one two", "two"], settings).serialized)
  merged.add(utf8: "two three two".utf8.span)
  merged.merge(counts(["three four"], settings))
  merged.add(utf8: "four four".utf8.span)
  let whole = counts(
    ["one two", "two", "two three two", "three four", "four four"], settings)
  #expect(NGramVocabulary(merged).fileContent == NGramVocabulary(whole).fileContent)
  #expect(merged.textCount == 5 && merged.count == whole.count)
}

@Test func theMostFrequentFeaturesAreKept() {
  let texts = ["bb aa", "cc aa", "bb dd"]
  let settings = settings {
    $0.wordNGrams = 1...1
    $0.minimumDocumentFrequency = 1
    $0.maximumFeatures = 3
  }
  let vocabulary = NGramVocabulary(counts(texts, settings))
  #expect((0..<vocabulary.count).map(vocabulary.name) == ["aa", "bb", "cc"])
  #expect(vocabulary.documentFrequencies == [2, 2, 1])
}

@Test func featuresAreAppended() {
  let vocabulary = NGramVocabulary(counts(["aa", "aa"], NGramSettings()))
  var (ids, values): ([Int32], [Float]) = ([7], [0.5])
  vocabulary.features(utf8: "aa bb".utf8.span, ids: &ids, values: &values)
  vocabulary.features(utf8: "bb".utf8.span, ids: &ids, values: &values)
  vocabulary.features(utf8: [UInt8]().span, ids: &ids, values: &values)
  #expect(ids == [7, 0] && values == [0.5, 1])
}

@Test func bytesThatAreNotUTF8PartWords() {
  let vocabulary = NGramVocabulary(
    counts(["aa", "bb"], settings { $0.minimumDocumentFrequency = 1 }))
  var (ids, values): ([Int32], [Float]) = ([], [])
  vocabulary.features(
    utf8: [0x61, 0x61, 0xFF, 0x62, 0x62, 0xE4].span, ids: &ids, values: &values)
  #expect(ids == [0, 1])
}

@Test func noTextsGiveNoFeatures() throws {
  let vocabulary = NGramVocabulary(NGramCounts(NGramSettings()))
  var (ids, values): ([Int32], [Float]) = ([], [])
  vocabulary.features(utf8: "aa".utf8.span, ids: &ids, values: &values)
  #expect(vocabulary.count == 0 && ids.isEmpty && values.isEmpty)
  let again = try NGramVocabulary(fileContent: vocabulary.fileContent, path: "n")
  #expect(again.fingerprint == vocabulary.fingerprint)
}

@Test func identityAndFingerprintFollowWhatFeaturesDependOn() {
  let others = [
    NGramSettings(), settings { $0.wordNGrams = 1...1 }, settings { $0.characterNGrams = 1...2 },
    settings { $0.sublinear = false }, settings { $0.minimumDocumentFrequency = 1 },
    settings { $0.maximumFeatures = 100 },
  ]
  #expect(Set(others.map(\.identity)).count == others.count)
  let texts = ["aa bb", "aa bb"]
  let prints =
    others.map { NGramVocabulary(counts(texts, $0)).fingerprint }
    + [texts + [""], texts + ["aa"], ["aa", "aa"]].map {
      NGramVocabulary(counts($0, NGramSettings())).fingerprint
    }
  #expect(Set(prints).count == prints.count && prints.allSatisfy { $0.utf8.count == 16 })
}

@Test func impossibleSettingsHaveAProblem() {
  #expect(NGramSettings().problem == nil)
  for wrong in [
    settings { $0.wordNGrams = 0...1 }, settings { $0.wordNGrams = 1...65 },
    settings { $0.characterNGrams = -1...2 }, settings { $0.minimumDocumentFrequency = 0 },
    settings { $0.maximumFeatures = 0 },
  ] {
    #expect(wrong.problem != nil)
  }
}
