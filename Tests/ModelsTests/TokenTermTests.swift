// What tokens add to the logits of label attention is all of them, but for the bias.

import Foundation
import Memory
import Models
import ReferenceCases
import Testing

@Test func whatTokensAddIsTheLogitWithoutItsBias() throws {
  let reference = try ReferenceCase("label-attention")
  let (model, batch) = (try reference.model(), try reference.batch(rows: reference.allRows))
  let workspace = Workspace(
    capacity: model.evaluationSize(tokens: batch.tokenCount, rows: batch.rowCount))
  let logits = model.logits(batch, in: workspace)
  #expect(model.sumsOverTokens)
  // Some labels, in another order than the model's, and none for one row.
  let labels = (0..<batch.rowCount).map { row in
    row == 1 ? [] : stride(from: model.labelCount - 1, through: row, by: -3).map { $0 }
  }
  let terms = model.tokenTerms(batch, labels: labels, in: workspace)
  let slot = try #require(model.layout["classifier.bias"])
  let bias = model.parameters[slot.range]
  for row in 0..<batch.rowCount {
    #expect(terms[row].rows == batch.offsets[row + 1] - batch.offsets[row])
    #expect(terms[row].columns == labels[row].count)
    for (place, label) in labels[row].enumerated() {
      let sum = (0..<terms[row].rows).reduce(Double(bias[label])) {
        $0 + Double(terms[row][$1, place])
      }
      #expect(abs(sum - Double(logits[row, label])) < 1e-5, "row \(row), label \(label)")
    }
  }
}

@Test func headsThatReadOneVectorOfARowSayThatTheyHaveNoSuchTerms() throws {
  #expect(try !ReferenceCase("mean-equal-rates").model().sumsOverTokens)
  #expect(try !ReferenceCase("cls-tiny").model().sumsOverTokens)
}
