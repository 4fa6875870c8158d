// Going on from a trained model with more rows and other labels.

import Foundation
import Testing

extension WholeProgram {
  @Suite struct OtherLabelsTests {
    let place: Workplace

    init() throws { place = try Workplace() }

    private func logits(_ model: String) throws -> [[String: Double]] {
      let ending = try place.run(
        "predict", "--model", model, "--input", "test.jsonl", "--output", "out.jsonl", "--logits")
      #expect(ending.code == 0, "\(ending.errors)")
      let names = try #require(
        try place.json("\(model)/best/config.json")["id2label"] as? [String: String])
      return try place.jsonLines("out.jsonl").map { line in
        let values = try #require(line["logits"] as? [Double])
        return Dictionary(
          uniqueKeysWithValues: try values.enumerated().map {
            (try #require(names["\($0)"]), $1)
          })
      }
    }

    @Test func knownLabelsKeepTheirWeightsAndNewOnesStartFromThePrior() throws {
      #expect(try place.train("training.max_steps=40").code == 0)
      let before = try logits("run")
      // "label-00" goes; "new" comes with one row in eight.
      let rows = Workplace.rows(160, seed: 9).enumerated().map { number, row in
        var row = row
        row.labels.removeAll { $0 == "label-00" }
        if number.isMultiple(of: 8) { row.labels.append("new") }
        return row
      }
      try place.write("train.jsonl", Workplace.lines(rows))
      try place.write("valid.jsonl", Workplace.lines(Array(rows.prefix(40))))
      let options = [
        "model.config=null", "model.vocab=null", "model.name_or_path=run", "output_dir=on",
        "training.max_steps=1", "training.learning_rate=1e-12",
        "training.classifier_learning_rate=1e-12", "data.test=null",
      ]
      let plan = try place.start(options + ["--dry-run"]).ending()
      #expect(
        plan.output.contains("11 labels as in the directory, 1 new (“new”), 1 gone (“label-00”)"),
        "\(plan.output)\(plan.errors)")
      #expect(try place.start(options).ending().code == 0)
      let after = try logits("on")
      #expect(after.count == before.count)
      for (old, new) in zip(before, after) {
        #expect(Set(new.keys) == Set(old.keys).subtracting(["label-00"]).union(["new"]))
        for (label, logit) in new where label != "new" {
          #expect(abs(logit - (old[label] ?? .infinity)) < 1e-3, "\(label)")
        }
        // log(20.5 / 140.5), give or take what random weights of 0.1 add.
        #expect(abs((new["new"] ?? 0) + 1.92) < 1.5)
      }
    }
  }
}
