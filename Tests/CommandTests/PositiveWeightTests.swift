// The weights of the loss, in every form that the configuration takes.

import Foundation
import Testing

extension WholeProgram {
  @Suite struct PositiveWeightTests {
    let place: Workplace
    /// Positives in 100 rows: label-0 has 1, label-1 has 4, label-2 has 25, label-3 has 80.
    let positives = [1.0, 4, 25, 80]

    init() throws {
      place = try Workplace()
      let lines = (0..<100).map { row in
        let cells = positives.map { Double(row) < $0 ? "1" : "0" }
        return
          "w\(String(format: "%02d", row % 60)) number \(row),\(cells.joined(separator: ","))\n"
      }
      try place.write("train.csv", "text,label-0,label-1,label-2,label-3\n" + lines.joined())
    }

    /// min, median and max of the weights, as the plan shows them.
    private func shown(_ weights: String) throws -> [Double] {
      let ending = try place.train(
        "--dry-run", "data.train=train.csv", "loss.pos_weight=\(weights)")
      #expect(ending.code == 0, "\(ending.errors)")
      let line = try #require(ending.outputLines.last { $0.contains("pos_weight min") })
      return line.components(separatedBy: "pos_weight ")[1].components(separatedBy: ", ")
        .compactMap { Double($0.components(separatedBy: " ")[1]) }
    }

    private func expect(_ weights: String, _ formula: (Double) -> Double) throws {
      let expected = positives.map(formula).sorted()
      let found = try shown(weights)
      // The plan shows four digits, and of an even number of labels the upper middle one.
      for (found, wanted) in zip(found, [expected[0], expected[2], expected[3]]) {
        #expect(abs(found - wanted) <= 6e-4 * wanted, "\(weights): \(found), wanted \(wanted)")
      }
      #expect(found.count == 3)
    }

    @Test func schemesGiveTheirFormulas() throws {
      try expect("none") { _ in 1 }
      try expect("3.5") { _ in 3.5 }
      try expect("inverse_sqrt") { 70 / (0.16 * $0).squareRoot() }
      try expect(#"{"scheme": "inverse_sqrt", "temperature": 2, "scale": 5}"#) {
        5 / (2 * $0).squareRoot()
      }
      try expect(#"{"scheme": "neg_pos"}"#) { (100 - $0) / $0 }
      try expect(#"{"scheme": "sqrt_neg_pos"}"#) { ((100 - $0) / $0).squareRoot() }
      let raw = positives.map { (1 - 0.99) / (1 - pow(0.99, $0)) }
      let mean = raw.reduce(0, +) / 4
      try expect(#"{"scheme": "effective_number", "beta": 0.99}"#) {
        (1 - 0.99) / (1 - pow(0.99, $0)) / mean
      }
    }

    @Test func minAndMaxClamp() throws {
      try expect(#"{"scheme": "neg_pos", "min": 1, "max": 20}"#) {
        min(max((100 - $0) / $0, 1), 20)
      }
    }

    @Test func aFileGivesEachLabelItsWeight() throws {
      try place.write(
        "weights.json", #"{"label-3": 0.5, "label-2": 2, "label-1": 3, "label-0": 9}"#)
      let weights = [1.0: 9.0, 4: 3, 25: 2, 80: 0.5]
      try expect(#"{"file": "weights.json"}"#) { weights[$0] ?? 0 }
      #expect(
        try place.train(
          "data.train=train.csv", "training.num_train_epochs=1",
          #"loss.pos_weight={"file": "weights.json"}"#
        ).code == 0)
      let notes = try place.json("run/best/ddp_train.json")
      #expect(notes["pos_weight"] as? [Double] == [9, 3, 2, 0.5])
    }

    @Test func aFileThatLacksALabelIsRefused() throws {
      try place.write("weights.json", #"{"label-3": 0.5, "label-2": 2}"#)
      let ending = try place.train(
        "data.train=train.csv", #"loss.pos_weight={"file": "weights.json"}"#)
      #expect(ending.code == 65 && ending.errors.contains("label-0"), "\(ending.errors)")
    }

    @Test func aWrongSchemeNamesTheKnownOnes() throws {
      let ending = try place.train(#"loss.pos_weight={"scheme": "neg_poss"}"#)
      #expect(ending.code == 78 && ending.errors.contains("neg_pos"), "\(ending.errors)")
    }
  }
}
