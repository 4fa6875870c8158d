// `predict --explain`: the words that speak for a label, and what they add to its logit.

import Foundation
import Testing

extension WholeProgram {
  @Suite struct ExplanationTests {
    let place: Workplace

    init() throws { place = try Workplace() }

    private func predictions(_ arguments: String...) throws -> [[String: Any]] {
      let ending = try Program.run(
        [
          "predict", "--model", "run/best", "--input", "test.jsonl", "--output", "output.jsonl",
        ] + arguments, in: place.path)
      #expect(ending.code == 0, "\(ending.errors)")
      return try place.jsonLines("output.jsonl")
    }

    private func labels(_ row: [String: Any]) -> [[String: Any]] {
      row["labels"] as? [[String: Any]] ?? []
    }

    @Test func theReasonsAreWordsOfTheTextTheStrongestFirst() throws {
      let ending = try place.start([Workplace.linear, "training.num_train_epochs=3"]).ending()
      #expect(ending.code == 0, "\(ending.errors)")
      let texts = try place.jsonLines("test.jsonl").map { try #require($0["text"] as? String) }
      let rows = try predictions("--explain", "2", "--top-k", "3")
      var reasonCount = 0
      for (text, row) in zip(texts, rows) {
        #expect(labels(row).count == 3)
        for label in labels(row) {
          let reasons = try #require(label["because"] as? [[String: Any]])
          let values = reasons.compactMap { $0["logit"] as? Double }
          #expect(reasons.count <= 2 && values.count == reasons.count)
          #expect(values.allSatisfy { $0 > 0 } && values == values.sorted(by: >))
          for reason in reasons {
            let feature = try #require(reason["feature"] as? String)
            #expect(text.lowercased().contains(feature), "\(feature): \(text)")
          }
          reasonCount += reasons.count
        }
      }
      #expect(reasonCount > rows.count)
      // Two is where the list is cut: with more room the same reasons come first.
      let all = try predictions("--explain", "1000", "--top-k", "3")
      for (short, long) in zip(rows.flatMap(labels), all.flatMap(labels)) {
        let names = [short, long].map {
          ($0["because"] as? [[String: Any]] ?? []).compactMap { $0["feature"] as? String }
        }
        #expect(names[0] == Array(names[1].prefix(2)))
      }
      #expect(try predictions().flatMap(labels).allSatisfy { $0["because"] == nil })
    }

    /// Words of the text at the places that are given, the strongest first; with all of them, and
    /// those of the linear part, what they add is what the logits say.
    @Test(arguments: [false, true])
    func labelAttentionNamesWordsOfTheTextWithTheirPlaces(withWords: Bool) throws {
      let ending = try place.start(
        [
          "model.pooling=label_attention", "training.num_train_epochs=12",
          "model.tfidf=\(withWords)",
        ]
      ).ending()
      #expect(ending.code == 0, "\(ending.errors)")
      try place.write(
        "test.jsonl", try place.text("test.jsonl") + "{\"text\": \"漢 W00,  Café! w01\"}\n")
      let texts = try place.jsonLines("test.jsonl").map { try #require($0["text"] as? String) }
      let rows = try predictions("--explain", "1000", "--top-k", "12")
      var (words, features) = (0, 0)
      for (text, row) in zip(texts, rows) {
        for label in labels(row) {
          let reasons = try #require(label["because"] as? [[String: Any]])
          let values = reasons.compactMap { $0["logit"] as? Double }
          #expect(values.count == reasons.count && values == values.sorted(by: >))
          #expect(values.allSatisfy { $0 > 0 })
          for reason in reasons {
            features += reason["feature"] == nil ? 0 : 1
            guard let word = reason["word"] as? String, word != "[CLS]", word != "[SEP]" else {
              continue
            }
            let (start, end) = (
              try #require(reason["start"] as? Int), try #require(reason["end"] as? Int)
            )
            let scalars = Array(text.unicodeScalars)[start..<end]
            #expect(String(String.UnicodeScalarView(scalars)) == word)
            words += 1
          }
        }
      }
      #expect(words > 50 && (features > 0) == withWords, "\(words) words, \(features) features")
      // The strongest reason of a row's first label is one of the two words that make it.
      let first = try predictions("--explain", "1", "--top-k", "1")
      let right = zip(try place.jsonLines("test.jsonl"), first).filter { source, row in
        let label = labels(row)[0]
        guard (source["labels"] as? [String])?.contains(label["label"] as? String ?? "") == true,
          let number = Int((label["label"] as? String ?? "").suffix(2)),
          let reason = (label["because"] as? [[String: Any]])?.first,
          let word = (reason["word"] ?? reason["feature"]) as? String
        else { return false }
        return Workplace.words[2 * number...2 * number + 1].contains { word.contains($0) }
      }
      #expect(right.count > 10, "\(right.count) of \(first.count)")
    }

    @Test func aModelWithoutWordsCannotExplain() throws {
      #expect(try place.train("training.max_steps=2").code == 0)
      let ending = try place.run(
        "predict", "--model", "run/best", "--input", "test.jsonl", "--output", "output.jsonl",
        "--explain", "3")
      #expect(ending.code == 64)
      #expect(ending.messages.count == 1 && ending.errors.contains("has no linear part"))
      #expect(!place.exists("output.jsonl"))
    }
  }
}
