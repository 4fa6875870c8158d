// Vocabularies in files, whole and broken.

import Testing
import Text

private let header = """
  ddp-train n-grams 1
  words: 1-2
  characters: none
  sublinear: true
  minimum_document_frequency: 2
  maximum_features: none
  texts: 5
  features: 3

  """
private let entries = "4\tthe\n2\tcat\n2\tthe cat\n"

/// The line and the problem of the error that reading `content` gives.
private func failure(_ content: [UInt8]) -> String {
  do throws(FeatureError) {
    _ = try NGramVocabulary(fileContent: content, path: "n")
    return "read"
  } catch {
    guard case .malformed("n", let line, let problem) = error else { return "\(error)" }
    return "\(line): \(problem)"
  }
}

private func failure(_ old: String, _ new: String) -> String {
  failure(Array((header + entries).replacing(old, with: new).utf8))
}

@Test func vocabulariesComeBackFromTheirFiles() throws {
  var settings = NGramSettings()
  settings.characterNGrams = 2...3
  settings.sublinear = false
  settings.maximumFeatures = 1000
  var counts = NGramCounts(settings)
  for text in ["The cat é", "the CAT É 日本語", "another"] { counts.add(utf8: text.utf8.span) }
  let vocabulary = NGramVocabulary(counts)
  let again = try NGramVocabulary(fileContent: vocabulary.fileContent, path: "n")
  #expect(again.settings == settings && again.textCount == 3 && again.count > 10)
  #expect(again.documentFrequencies == vocabulary.documentFrequencies)
  #expect((0..<again.count).map(again.name) == (0..<again.count).map(vocabulary.name))
  #expect(again.fingerprint == vocabulary.fingerprint)
  #expect(again.fileContent == vocabulary.fileContent)
}

@Test func filesAreReadAsDocumented() throws {
  let content = Array((header + entries).utf8)
  let vocabulary = try NGramVocabulary(fileContent: content, path: "n")
  #expect((0..<3).map(vocabulary.name) == ["the", "cat", "the cat"])
  #expect(vocabulary.documentFrequencies == [4, 2, 2] && vocabulary.textCount == 5)
  #expect(vocabulary.fileContent == content)
}

@Test func wrongEntriesAreErrorsWithTheirLine() {
  #expect(failure("4\tthe\n", "four\tthe\n") == "9: must begin with a number up to 2147483647")
  for number in ["99999999999999999999", "2147483648", "-1", ""] {
    #expect(
      failure("4\tthe\n", number + "\tthe\n") == "9: must begin with a number up to 2147483647")
  }
  #expect(failure("4\tthe\n", "6\tthe\n") == "9: a document frequency of 6 in 5 texts")
  #expect(failure("4\tthe\n", "0\tthe\n") == "9: a document frequency of 0 in 5 texts")
  #expect(failure("2\tcat\n", "2 cat\n") == "10: there is no tab behind the number")
  #expect(failure("2\tcat\n", "2\n") == "10: there is no tab behind the number")
  #expect(failure("2\tcat\n", "2\t\n") == "10: there is no name behind the tab")
  #expect(failure("2\tcat\n", "2\tcat\tx\n") == "10: there is a second tab")
  #expect(failure("2\tcat\n", "2\tthe cat\n") == "11: is out of order")
  #expect(failure("2\tcat\n", "3\tthe cat\n") == "11: the n-gram occurs twice")
  #expect(failure("2\tcat\n", "2\tzoo\n") == "11: is out of order")
  #expect(failure("4\tthe\n", "1\tthe\n") == "9: the document frequency is below the minimum")
  #expect(failure("the cat\n", "the cat") == "11: the line's end is missing")
  #expect(failure("the cat\n", "the cat\n\n") == "12: there are more than 3 features")
  #expect(failure("2\tthe cat\n", "") == "11: must begin with a number up to 2147483647")
}

@Test func wrongHeadersAreErrorsWithTheirLine() {
  #expect(failure("grams 1", "grams 2") == "1: must be “ddp-train n-grams 1”")
  #expect(failure("words: 1-2", "words: 2-1") == "2: words cannot be read")
  #expect(failure("words: 1-2", "words: 1-2-3") == "2: words cannot be read")
  #expect(failure("words: 1-2", "words: 1--2") == "2: words cannot be read")
  #expect(failure("words: 1-2", "words: 1-99999999999999999999") == "2: words cannot be read")
  #expect(failure("words: 1-2", "words: 0-2").hasPrefix("2: word n-grams must have 1 to 64 words"))
  #expect(failure("words: 1-2\n", "") == "2: must begin with “words: ”")
  #expect(failure("characters: none", "characters: no") == "3: characters cannot be read")
  #expect(failure("sublinear: true", "sublinear: 1") == "4: sublinear cannot be read")
  #expect(failure("frequency: 2", "frequency: 0").hasPrefix("5: the minimum"))
  #expect(failure("features: none", "features: 0").hasPrefix("6: the number of features"))
  #expect(failure("features: none", "features: 2") == "8: there cannot be 3 features")
  #expect(failure("texts: 5", "texts: -5") == "7: texts must be a number from 0 to 2147483647")
  #expect(failure("texts: 5", "texts: 0") == "9: a document frequency of 4 in 0 texts")
  #expect(
    failure("features: 3", "features: 2000000000") == "8: there cannot be 2000000000 features")
  #expect(failure([]) == "1: the line's end is missing")
}

@Test func bytesThatAreNotUTF8AreErrorsWithTheirLine() {
  let content = Array((header + entries).utf8)
  var damaged = content
  damaged[damaged.count - 2] = 0xFF
  #expect(failure(damaged) == "11: is not UTF-8")
  damaged = content
  damaged[0] = 0xC3
  #expect(failure(damaged) == "1: is not UTF-8")
}

@Test func brokenCountsAreErrorsAndNeverCrash() throws {
  var counts = NGramCounts(NGramSettings())
  for text in ["The cat é", "the CAT É 日本語", "another"] { counts.add(utf8: text.utf8.span) }
  let bytes = counts.serialized
  for length in bytes.indices {
    #expect(throws: FeatureError.self) { try NGramCounts(serialized: Array(bytes[..<length])) }
  }
  for position in bytes.indices {
    for bit in 0..<8 {
      var flipped = bytes
      flipped[position] ^= 1 << UInt8(bit)
      // Some changes give other counts, which is all right; none may crash.
      guard let read = try? NGramCounts(serialized: flipped) else { continue }
      #expect(NGramVocabulary(read).count <= read.count)
    }
  }
}
