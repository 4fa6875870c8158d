// Pooling, dropout, linear classifier.
//
// B rows, N hidden states that are read, H hidden size, L labels.

import Kernels
import Memory

/// The shape of a head that pools by `P`.
struct PooledHeadConfiguration<P: Pooler>: HeadConfiguration {
  private let encoder: any EncoderConfiguration
  private let labelCount: Int

  init(_ pooler: P.Type, _ encoder: any EncoderConfiguration, labelCount: Int) {
    self.encoder = encoder
    self.labelCount = labelCount
  }

  var input: QueryRange { P.input(encoder) }

  /// A pooler shares the classifier's bucket, unless it is frozen.
  func appendBuckets(to layout: inout ParameterLayout, encoderIsFrozen: Bool) {
    let pooler = P.tensors(encoder)
    let hasFrozenPooler = encoderIsFrozen && !pooler.isEmpty
    let isPooler = Set(pooler.flatMap { $0.map(\.name) })
    func part(_ name: String) -> ParameterSlot.Part {
      isPooler.contains(name) ? .pooler : .classifier
    }
    if hasFrozenPooler {
      layout.append("pooler", place: .init(isFrozen: true), part: part, groups: pooler)
    }
    layout.append(
      "classifier", part: part,
      groups: (hasFrozenPooler ? [] : pooler)
        + DenseParameters.tensors(
          P.classifierName(encoder), labels: labelCount, hidden: encoder.hiddenSize))
  }

  func makeHead(_ parameters: SlotReader, _ precision: ProductPrecision) -> any Head {
    let poolerTensors = P.tensors(encoder).count
    return PooledHead(
      pooler: P(parameters, encoder),
      classifier: DenseClassifier(
        DenseParameters(parameters.dropFirst(poolerTensors)),
        dropout: encoder.classifierDropout ?? encoder.hiddenDropout, precision),
      hiddenSize: encoder.hiddenSize, poolerTensors: poolerTensors)
  }
}

/// Pooling by `P`, then a linear classifier.
struct PooledHead<P: Pooler>: Head {
  let pooler: P
  let classifier: DenseClassifier
  let hiddenSize: Int
  /// How many tensors the pooler has.
  let poolerTensors: Int

  var probe: DenseClassifier? { classifier }
  var weights: [MixedPrecisionMatrix] { [classifier.weights] }

  func begin(_ rows: RaggedRows, at key: RandomKey, in workspace: Workspace) -> any HeadPass {
    PooledHeadPass(self, rows, key, workspace)
  }

  /// Memory of the pooler, and for the features after dropout. `[B, H]`
  fileprivate func memory(
    _ precision: ProductPrecision, rows: Int, in workspace: Workspace
  ) -> (pooled: PoolerMemory, input: MixedPrecisionMatrix) {
    (
      pooler.memory(rows: rows, in: workspace),
      MixedPrecisionMatrix(precision, rows, hiddenSize, in: workspace)
    )
  }

  fileprivate var precision: ProductPrecision { classifier.weights.precision }

  func reservePass(tokens: Int, rows: Int, in workspace: Workspace) {
    _ = memory(precision, rows: rows, in: workspace)
  }

  func reserveTemporaries(tokens: Int, rows: Int, in workspace: Workspace) {
    workspace.temporarily {
      classifier.reserveBackward(rows: rows, passesGradient: true, in: workspace)
    }
  }

  func forward(
    _ hidden: Matrix<Float>, _ rows: RaggedRows, logits: Matrix<Float>, in workspace: Workspace
  ) {
    let (pooled, input) = memory(.float32, rows: rows.count, in: workspace)
    pooler.forward(hidden, rows, nil, pooled)
    classifier.forward(pooled.features, rows.singleTokens, nil, input: input, logits: logits)
  }

  func reserveForward(tokens: Int, rows: Int, in workspace: Workspace) {
    _ = memory(.float32, rows: rows, in: workspace)
  }

  func pool(
    _ hidden: Matrix<Float>, _ rows: RaggedRows, features: Matrix<Float>, in workspace: Workspace
  ) {
    let memory = pooler.memory(rows: rows.count, in: workspace)
    pooler.forward(hidden, rows, nil, memory)
    features.vector.copy(from: memory.features.vector)
  }
}

/// One microbatch on its way through a pooled head.
private final class PooledHeadPass<P: Pooler>: HeadPass {
  private let head: PooledHead<P>
  private let rows: RaggedRows
  private let key: RandomKey
  private let workspace: Workspace
  private let pooled: PoolerMemory
  private let input: MixedPrecisionMatrix

  init(_ head: PooledHead<P>, _ rows: RaggedRows, _ key: RandomKey, _ workspace: Workspace) {
    (self.head, self.rows, self.key, self.workspace) = (head, rows, key, workspace)
    (pooled, input) = head.memory(head.precision, rows: rows.count, in: workspace)
  }

  func forward(_ hidden: Matrix<Float>, logits: Matrix<Float>) {
    head.pooler.forward(hidden, rows, key, pooled)
    head.classifier.forward(pooled.features, rows.singleTokens, key, input: input, logits: logits)
  }

  func backward(
    _ hidden: Matrix<Float>, logitGradients: Matrix<Float>, hiddenGradient: Matrix<Float>,
    gradients: SlotReader
  ) {
    workspace.temporarily {
      let gradient = head.classifier.backward(
        input,
        DenseGradients(
          logits: logitGradients,
          parameters: DenseParameters(gradients.dropFirst(head.poolerTensors))),
        at: key, rows.singleTokens, workspace)
      head.pooler.backward(
        PoolerBackward(
          rows: rows, key: key, hidden: hidden, memory: pooled, featureGradient: gradient,
          hiddenGradient: hiddenGradient),
        gradients: gradients)
    }
  }
}
