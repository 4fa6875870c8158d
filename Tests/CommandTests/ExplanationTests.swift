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
