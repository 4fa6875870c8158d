// What is said of data and weights before training.

import Foundation
import Testing

extension WholeProgram {
  @Suite struct AuditTests {
    let place: Workplace

    init() throws {
      place = try Workplace()
      let training = Workplace.rows(120, seed: 1)
      var (again, unknown) = (training[0], training[1])
      again.labels = ["label-11", "rare"]
      unknown.labels = ["new"]
      let empty = Row(id: "empty", text: "w00 w59 w58", labels: [])
      try place.write(
        "train.jsonl", Workplace.lines(training + [again] + Array(repeating: empty, count: 3)))
      try place.write("valid.jsonl", Workplace.lines(Workplace.rows(40, seed: 2) + [unknown]))
    }

    private let advised = [
      "1 of 13 labels have fewer than 5 training rows", "data.oversample_rare=",
      "1 labels of training do not occur in validation",
      "1 labels of validation or test do not occur in training",
      "3 of 124 training rows have no label", "have the text of a row of another part",
      "1 training rows have the text of an earlier one and other labels",
      "loss.pos_weight.max", "evaluation.threshold=global", "model.classifier_bias_init=prior",
      "Raise model.max_length", "training.classifier_learning_rate",
    ]
    private let careless = [
      "loss.pos_weight=neg_pos", "evaluation.threshold=0.5", "model.classifier_bias_init=zero",
      "model.max_length=4", "training.classifier_learning_rate=5e-3",
    ]

    @Test func resultsThatAreNoneAreMarked() throws {
      let rows = Workplace.rows(120, seed: 1)
      try place.write("train.jsonl", Workplace.lines(rows))
      try place.write("valid.jsonl", Workplace.lines(Workplace.rows(40, seed: 2)))
      #expect(try place.train("training.max_steps=2").code == 0)
      #expect(try place.json("run/results.json")["warnings"] == nil)
      try place.write("valid.jsonl", Workplace.lines(rows))
      try place.write("test.jsonl", Workplace.lines(Array(rows.prefix(30))))
      let ending = try place.train("training.max_steps=2", "--overwrite")
      #expect(ending.code == 0, "\(ending.errors)")
      let warnings = try #require(try place.json("run/results.json")["warnings"] as? [String])
      #expect(warnings.count == 3)
      #expect(warnings[0].hasPrefix("120 of the 120 validation rows have the text of a training"))
      #expect(warnings[2].hasPrefix("30 of the 30 test rows have the text of a validation row"))
      for warning in warnings { #expect(ending.output.contains("warning: \(warning)")) }
    }

    @Test func whatWillHurtIsSaidWithTheKeyThatChangesIt() throws {
      let ending = try place.start(["--dry-run"] + careless).ending()
      #expect(ending.code == 0, "\(ending.errors)")
      let advice = ending.outputLines.filter { $0.hasPrefix("advice: ") }.joined(separator: "\n")
      // The density of the sample, 12 %, gives no reason for the advice about the bias; rows cut at
      // four tokens repeat one another, so their counts are those of the shorter texts.
      for part in advised.dropFirst(7) where !part.contains("bias") {
        #expect(advice.contains(part), "\(part)")
      }
      let plain = try place.train("--dry-run", "loss.pos_weight=none")
      let lines = plain.outputLines.filter { $0.hasPrefix("advice: ") }.joined(separator: "\n")
      for part in [advised[0], advised[2], advised[3], advised[4], advised[5], advised[6]] {
        #expect(lines.contains(part), "\(part)")
      }
      for part in advised.dropFirst(7) where !part.contains("classifier_learning_rate") {
        #expect(!lines.contains(part), "\(part)")
      }
      // What only the end of a run can judge is not said before.
      #expect(!lines.contains("evaluation.threshold=per_label"))
    }

    @Test func theAuditIsKeptWithTheRun() throws {
      let ending = try place.train("training.max_steps=2", "loss.pos_weight=neg_pos")
      #expect(ending.code == 0, "\(ending.errors)")
      let audit = try place.json("run/audit.json")
      #expect(audit["labels"] as? Int == 13)
      let bins = try #require(audit["labels_by_training_positives"] as? [[String: Any]])
      #expect(bins.compactMap { $0["labels"] as? Int }.reduce(0, +) == 13)
      let parts = try #require(audit["parts"] as? [String: [String: Any]])
      let (training, validation) = (
        try #require(parts["training"]), try #require(parts["validation"])
      )
      #expect(training["rows"] as? Int == 124 && training["rows_without_label"] as? Int == 3)
      #expect(training["rows_with_earlier_text"] as? Int == 3)
      #expect(training["rows_with_earlier_text_and_other_labels"] as? Int == 1)
      #expect((validation["rows_with_text_of_training"] as? Int ?? 0) >= 1)
      #expect(validation["most_frequent_absent"] as? [String] == ["rare"])
      let lacking = try #require(
        validation["most_frequent_that_training_lacks"] as? [[String: Any]])
      #expect(lacking.map { $0["label"] as? String } == ["new"])
      let weights = try #require(audit["pos_weight"] as? [String: Any])
      let largest = try #require(weights["largest"] as? [[String: Any]])
      #expect(largest.count == 10 && largest[0]["label"] as? String == "rare")
      #expect(largest[0]["weight"] as? Double == 123 && weights["max"] as? Double == 123)
      #expect((audit["advice"] as? [Any])?.isEmpty == false)
    }
  }
}
