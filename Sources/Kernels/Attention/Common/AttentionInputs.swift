// What goes into and out of attention. T tokens, Q queries, H hidden size, A heads.

import Memory

/// What attention reads, forward and backward.
public struct AttentionInputs {
  /// What attends to what. If queries are those of first tokens only, no row is empty.
  public let qkv: AttentionQKV
  /// `[3H]`, of queries, keys and values.
  public let bias: Vector<Float>
  /// The rows, inside of which tokens attend.
  public let rows: RaggedRows
  /// The layer's heads.
  public let shape: AttentionShape
  /// Of the probabilities; nil for none.
  public let dropout: Dropout?
  /// Which keys a query attends to.
  public var extent = AttentionExtent.all

  /// See the properties.
  public init(
    qkv: AttentionQKV, bias: Vector<Float>, rows: RaggedRows, shape: AttentionShape,
    dropout: Dropout?
  ) {
    self.qkv = qkv
    self.bias = bias
    self.rows = rows
    self.shape = shape
    self.dropout = dropout
  }
}

/// What attention puts out, and the backward pass reads.
public struct AttentionResults {
  /// `[Q, H]`
  public let output: Operand
  /// log₂ Σⱼ exp(Sᵢⱼ) of each query and head. `[Q, A]`
  public let logSumExp: Matrix<Float>

  /// See the properties.
  public init(output: Operand, logSumExp: Matrix<Float>) {
    self.output = output
    self.logSumExp = logSumExp
  }
}

/// The gradient of what attention put out, and where those of what it read go.
public struct AttentionGradients {
  /// `[Q, H]`
  public let output: Operand
  /// Overwritten.
  public let qkv: AttentionQKV
  /// The sums of queries', keys' and values' gradients, before any rounding, are added. `[3H]`
  public let bias: Vector<Float>
  /// Of what distances add to scores, by distance (`RelativePositions.gradientCount`); added to.
  /// nil where they add nothing.
  public let relative: Vector<Float>?

  /// See the properties.
  public init(
    output: Operand, qkv: AttentionQKV, bias: Vector<Float>, relative: Vector<Float>? = nil
  ) {
    self.relative = relative
    self.output = output
    self.qkv = qkv
    self.bias = bias
  }

  func check(_ inputs: AttentionInputs, _ results: AttentionResults) {
    precondition(qkv.hasShape(of: inputs.qkv) && bias.count == inputs.bias.count)
    precondition(output.rows == results.output.rows)
    precondition(output.columns == results.output.columns)
    guard case .relative(let positions) = inputs.extent else { return }
    precondition(relative?.count == positions.gradientCount)
  }

  /// Where the gradients of a part's biases begin.
  func bias(_ part: QKVPart, _ head: AttentionHead) -> UnsafeMutablePointer<Float> {
    bias.pointer + part.rawValue * bias.count / 3 + head.column
  }
}
