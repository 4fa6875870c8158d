// From a row's tokens to one vector a row: the mean, or the first token through tanh.

import Foundation
import Memory

/// output[b] = mean over the row's tokens. `hidden [T, H]`, `output [B, H]`; rows are not empty.
public func meanPoolingForward(_ hidden: Matrix<Float>, rows: RaggedRows, output: Matrix<Float>) {
  let timer = KernelTimer(.pooling)
  defer { timer.stop() }
  precondition(hidden.rows == rows.tokenCount && output.rows == rows.count)
  for row in 0..<rows.count {
    let span = rows.offsets[row]..<rows.offsets[row + 1]
    let pooled = output.row(row)
    pooled.fill(0)
    addColumnSums(of: hidden.rows(span), into: pooled)
    scale(pooled, by: 1 / Float(span.count))
  }
}

/// Each token's gradient is that of its row's mean over the row's length.
/// `gradient [B, H]`, `hiddenGradient [T, H]` is overwritten.
public func meanPoolingBackward(
  _ gradient: Matrix<Float>, rows: RaggedRows, hiddenGradient: Matrix<Float>
) {
  let timer = KernelTimer(.pooling)
  defer { timer.stop() }
  precondition(hiddenGradient.rows == rows.tokenCount && gradient.rows == rows.count)
  for row in 0..<rows.count {
    let span = rows.offsets[row]..<rows.offsets[row + 1]
    let share = 1 / Float(span.count)
    for token in span {
      let line = hiddenGradient.row(token)
      line.copy(from: gradient.row(row))
      scale(line, by: share)
    }
  }
}

/// output[b] = the row's first token. `hidden [T, H]`, `output [B, H]`; rows are not empty.
public func gatherFirstTokens(_ hidden: Matrix<Float>, rows: RaggedRows, output: Matrix<Float>) {
  let timer = KernelTimer(.pooling)
  defer { timer.stop() }
  precondition(hidden.rows == rows.tokenCount && output.rows == rows.count)
  for row in 0..<rows.count {
    output.row(row).copy(from: hidden.row(rows.offsets[row]))
  }
}

/// hiddenGradient of each row's first token += the row's gradient: `gradient [B, H]`,
/// `hiddenGradient [T, H]`; rows are not empty.
public func addToFirstTokens(
  _ gradient: Matrix<Float>, rows: RaggedRows, hiddenGradient: Matrix<Float>
) {
  let timer = KernelTimer(.pooling)
  defer { timer.stop() }
  precondition(hiddenGradient.rows == rows.tokenCount && gradient.rows == rows.count)
  for row in 0..<rows.count {
    add(gradient.row(row), into: hiddenGradient.row(rows.offsets[row]))
  }
}

/// values = tanh(values), by the C library: a few thousand values a step.
public func applyTanh(_ values: Vector<Float>) {
  let timer = KernelTimer(.pooling)
  defer { timer.stop() }
  for index in 0..<values.count { values.pointer[index] = tanhf(values.pointer[index]) }
}

/// gradient ∘= 1 − output², where output = tanh(input).
public func tanhBackward(_ gradient: Vector<Float>, output: Vector<Float>) {
  let timer = KernelTimer(.pooling)
  defer { timer.stop() }
  precondition(gradient.count == output.count)
  forEachVector(gradient.count) { i, lanes in
    let y = load(output.pointer + i, lanes)
    store(load(gradient.pointer + i, lanes) * (1 - y * y), gradient.pointer + i, lanes)
  }
}
