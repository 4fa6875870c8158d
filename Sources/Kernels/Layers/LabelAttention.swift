// Label attention of a block of labels: each label has a score and a value at each token, and its
// result is the mean of a row's values that the softmax of the row's scores weights.
// docs/explanation/backward.md, "Label attention". What is here: from scores and values to means, and back. The
// products that make scores and values are the head's.
//
// T tokens, B rows, K labels of the block. Vectors are of labels, and a row's tokens go by
// one after another.

import CVector
import Memory

/// What is kept of a microbatch's softmax: three numbers for each row and label.
public struct LabelAttentionStatistics {
  /// The largest score. `[B, K]`
  public let largest: Matrix<Float>
  /// 1/Σ e^(score − largest), the weight of a token that has the largest score. `[B, K]`
  public let scales: Matrix<Float>
  /// The mean of the values by the weights of softmax, which is the result. `[B, K]`
  public let means: Matrix<Float>

  /// Of three matrices of one shape.
  public init(largest: Matrix<Float>, scales: Matrix<Float>, means: Matrix<Float>) {
    (self.largest, self.scales, self.means) = (largest, scales, means)
  }

  /// In memory of the workspace.
  public init(rows: Int, labels: Int, in workspace: Workspace) {
    self.init(
      largest: workspace.matrix(rows, labels), scales: workspace.matrix(rows, labels),
      means: workspace.matrix(rows, labels))
  }

  /// A view of some labels.
  public func labels(_ range: Range<Int>) -> LabelAttentionStatistics {
    LabelAttentionStatistics(
      largest: largest.columns(range), scales: scales.columns(range), means: means.columns(range))
  }

  fileprivate func check(
    _ scores: Matrix<Float>, _ values: Matrix<Float>, _ rows: RaggedRows
  ) {
    let labels = scores.columns
    precondition(scores.rows == rows.tokenCount && values.rows == rows.tokenCount)
    precondition(values.columns == labels && means.columns == labels)
    precondition(largest.columns == labels && scales.columns == labels)
    precondition(means.rows == rows.count && largest.rows == rows.count)
    precondition(scales.rows == rows.count)
  }
}

/// Fills the statistics. Rows are not empty.
/// - Parameters:
///   - scores: `[T, K]`
///   - values: `[T, K]`
public func labelAttentionForward(
  scores: Matrix<Float>, values: Matrix<Float>, rows: RaggedRows,
  statistics: LabelAttentionStatistics
) {
  let timer = KernelTimer(.pooling)
  defer { timer.stop() }
  statistics.check(scores, values, rows)
  for row in 0..<rows.count {
    let line = StatisticsLine(statistics, row)
    let tokens = rows.offsets[row]..<rows.offsets[row + 1]
    line.findLargest(scores.rows(tokens))
    line.sum(scores.rows(tokens), values.rows(tokens))
  }
}

/// The gradients of scores and values, in what products read of the two.
/// - Parameters:
///   - scores: with the values of the forward pass. `[T, K]`
///   - values: with the values of the forward pass. `[T, K]`
///   - gradients: of the means. `[B, K]`
public func labelAttentionBackward(
  scores: MixedPrecisionMatrix, values: MixedPrecisionMatrix, rows: RaggedRows,
  statistics: LabelAttentionStatistics, gradients: Matrix<Float>
) {
  let timer = KernelTimer(.pooling)
  defer { timer.stop() }
  statistics.check(scores.values, values.values, rows)
  precondition(gradients.rows == rows.count && gradients.columns == scores.values.columns)
  for row in 0..<rows.count {
    let line = StatisticsLine(statistics, row)
    let tokens = rows.offsets[row]..<rows.offsets[row + 1]
    let (scores, values) = (scores.rows(tokens), values.rows(tokens))
    let gradient = gradients.pointer + row * gradients.stride
    switch (scores.operand, values.operand) {
    case (.float32(let a), .float32(let b)):
      line.backward(scores.values, values.values, gradient, into: a, b)
    case (.bfloat16(let a), .bfloat16(let b)):
      line.backward(scores.values, values.values, gradient, into: a, b)
    default: unlikeOperands()
    }
  }
}

/// The statistics of one row. `[K]`
private struct StatisticsLine {
  let largest: UnsafeMutablePointer<Float>
  let scales: UnsafeMutablePointer<Float>
  let means: UnsafeMutablePointer<Float>
  let labels: Int

  init(_ statistics: LabelAttentionStatistics, _ row: Int) {
    func line(_ matrix: Matrix<Float>) -> UnsafeMutablePointer<Float> {
      matrix.pointer + row * matrix.stride
    }
    largest = line(statistics.largest)
    scales = line(statistics.scales)
    means = line(statistics.means)
    labels = statistics.means.columns
  }

  func findLargest(_ scores: Matrix<Float>) {
    largest.update(repeating: -.infinity, count: labels)
    for token in 0..<scores.rows {
      let line = scores.pointer + token * scores.stride
      forEachVector(labels) { i, lanes in
        store(vector_max(load(line + i, lanes), load(largest + i, lanes)), largest + i, lanes)
      }
    }
  }

  /// e^(score − largest), by a power of two. Not a number if the score is not, or is infinite.
  @inline(__always)
  private func power(_ scores: UnsafePointer<Float>, _ i: Int, _ lanes: Int) -> Lanes {
    powerOfTwo((load(scores + i, lanes) - load(largest + i, lanes)) * log2e)
  }

  func sum(_ scores: Matrix<Float>, _ values: Matrix<Float>) {
    scales.update(repeating: 0, count: labels)
    means.update(repeating: 0, count: labels)
    for token in 0..<scores.rows {
      let line = scores.pointer + token * scores.stride
      let value = values.pointer + token * values.stride
      forEachVector(labels) { i, lanes in
        let power = power(line, i, lanes)
        store(load(scales + i, lanes) + power, scales + i, lanes)
        let sum = load(means + i, lanes).addingProduct(power, load(value + i, lanes))
        store(sum, means + i, lanes)
      }
    }
    forEachVector(labels) { i, lanes in
      let scale = 1 / load(scales + i, lanes)
      store(scale, scales + i, lanes)
      store(load(means + i, lanes) * scale, means + i, lanes)
    }
  }

  /// With a = power · scale: dvalue = a · g, dscore = a · g · (value − mean).
  @inline(__always)
  func backward<Value: StorableLanes>(
    _ scores: Matrix<Float>, _ values: Matrix<Float>, _ gradient: UnsafePointer<Float>,
    into scoreGradients: Matrix<Value>, _ valueGradients: Matrix<Value>
  ) {
    for token in 0..<scores.rows {
      let line = scores.pointer + token * scores.stride
      let value = values.pointer + token * values.stride
      let scoreGradient = scoreGradients.pointer + token * scoreGradients.stride
      let valueGradient = valueGradients.pointer + token * valueGradients.stride
      forEachVector(labels) { i, lanes in
        let scaled = load(scales + i, lanes) * load(gradient + i, lanes)
        let weighted = power(line, i, lanes) * scaled
        let distance = load(value + i, lanes) - load(means + i, lanes)
        Value.store(weighted, valueGradient + i, lanes)
        Value.store(weighted * distance, scoreGradient + i, lanes)
      }
    }
  }
}
