// One microbatch on its way through a BERT, and the memory that it keeps until its
// backward pass ends.
//
// T tokens, B rows, N hidden states that are put out (of all tokens, or of each row's
// first), H hidden.

import Data
import Kernels
import Memory

/// What a pass takes from the workspace.
struct BertPassMemory {
  /// What the embeddings keep; nil if they are frozen.
  let embeddings: EmbeddingActivations?
  /// What the lowest trained layer reads: LayerNorm of the embeddings, dropout applied, or what
  /// the frozen layers put out. `[T, H]`
  let embedded: MixedPrecisionMatrix
  /// Layers whose weights stay as they are; they keep nothing.
  let frozenLayers: Int
  /// What the layers above them keep.
  let layers: [LayerActivations]
  /// The hidden states that are put out. `[N, H]`
  let output: MixedPrecisionMatrix
  /// Gradient of what a layer or the embeddings put out. `[T, H]`
  let hiddenGradient: Matrix<Float>
  /// What distances have as gradients, over the layers; nil in families without.
  let relativeGradient: Vector<Float>?
  /// That of the output: if this is of first tokens it has memory of its own. `[N, H]`
  let outputGradient: Matrix<Float>

  init(_ encoder: BertEncoder, _ size: MicrobatchSize, _ workspace: Workspace) {
    let (configuration, use) = (encoder.configuration, encoder.use)
    let (hidden, precision) = (configuration.hiddenSize, use.precision)
    let frozenLayers = use.freezing.layerCount(of: configuration.layerCount)
    self.frozenLayers = frozenLayers
    embeddings =
      use.freezing.includesEmbeddings
      ? nil : EmbeddingActivations(configuration, precision, tokens: size.tokens, workspace)
    embedded = MixedPrecisionMatrix(precision, size.tokens, hidden, in: workspace)
    layers = encoder.layers[frozenLayers...].map { layer in
      LayerActivations(configuration, precision, layer.queryRange, size, workspace)
    }
    hiddenGradient = workspace.matrix(size.tokens, hidden)
    relativeGradient = encoder.relative.map { workspace.vector($0.gradientCount) }
    switch use.output {
    case .firstTokens:
      output =
        layers.last?.output ?? MixedPrecisionMatrix(precision, size.rows, hidden, in: workspace)
      outputGradient = workspace.matrix(size.rows, hidden)
    case .allTokens:
      output = layers.last?.output ?? embedded
      outputGradient = hiddenGradient
    }
  }

  /// What a layer reads. `[T, H]`
  func input(ofLayer index: Int) -> MixedPrecisionMatrix {
    index <= frozenLayers ? embedded : layers[index - 1 - frozenLayers].output
  }
}

/// One microbatch in a BERT.
final class BertPass: EncoderPass {
  private typealias Bucket = BertEncoder.Bucket
  private let encoder: BertEncoder
  private let batch: Batch
  private let rows: RaggedRows
  private let key: RandomKey
  private let memory: BertPassMemory
  /// For what lasts no longer than a call.
  private let workspace: Workspace

  var output: MixedPrecisionMatrix { memory.output }
  var outputGradient: Matrix<Float> { memory.outputGradient }

  init(
    _ encoder: BertEncoder, _ batch: Batch, _ rows: RaggedRows, _ key: RandomKey,
    _ workspace: Workspace
  ) {
    self.encoder = encoder
    self.batch = batch
    self.rows = rows
    self.key = key
    self.workspace = workspace
    memory = BertPassMemory(encoder, MicrobatchSize(rows), workspace)
  }

  /// The words' part is that of the other embeddings, too.
  func forward(bucket: Int) {
    switch bucket {
    case Bucket.words: break
    case Bucket.embeddings: forwardEmbeddings()
    default: forward(encoder.layers[bucket - Bucket.firstLayer])
    }
  }

  private func forwardEmbeddings() {
    encoder.relative?.prepare()
    memory.relativeGradient?.fill(0)
    workspace.temporarily {
      let kept =
        memory.embeddings
        ?? EmbeddingActivations(
          encoder.configuration, encoder.use.precision, tokens: rows.tokenCount, workspace)
      encoder.embeddings.forward(
        batch, rows, memory.embeddings == nil ? nil : key, kept, output: memory.embedded)
    }
  }

  private func forward(_ layer: BertLayer) {
    guard layer.index < memory.frozenLayers else { return layer.forward(pass(of: layer)) }
    // A frozen layer has no dropout, and leaves nothing but its output, in place of its input.
    workspace.temporarily {
      let activations = layer.activations(MicrobatchSize(rows), in: workspace)
      layer.forward(
        LayerPass(
          input: memory.embedded, rows: rows, key: nil, activations: activations,
          workspace: workspace))
      let target = layer.index == encoder.layers.count - 1 ? output : memory.embedded
      target.values.vector.copy(from: activations.output.values.vector)
      target.round()
    }
  }

  func backward(bucket: Int, gradient: SlotReader) {
    precondition(bucket != Bucket.words, "word embeddings have sparse gradients")
    guard bucket == Bucket.embeddings else {
      return backward(encoder.layers[bucket - Bucket.firstLayer], gradient)
    }
    guard let kept = memory.embeddings else { preconditionFailure("the embeddings are frozen") }
    let gradients = BertEmbeddingParameters(gradient, encoder.configuration)
    encoder.embeddings.backward(
      kept,
      EmbeddingBackward(
        batch: batch, rows: rows, key: key, gradient: memory.hiddenGradient, workspace: workspace),
      gradients: gradients)
    if let relative = encoder.relative, let sums = memory.relativeGradient,
      let table = gradients.relativeBias
    {
      relative.sum(sums, into: table)
    }
  }

  private func backward(_ layer: BertLayer, _ gradient: SlotReader) {
    let isLast = layer.index == encoder.layers.count - 1
    layer.backward(
      pass(of: layer),
      LayerGradients(
        output: isLast ? outputGradient : memory.hiddenGradient, input: memory.hiddenGradient,
        parameters: BertLayerParameters(gradient), relative: memory.relativeGradient))
  }

  /// Of a trained layer.
  private func pass(of layer: BertLayer) -> LayerPass {
    LayerPass(
      input: memory.input(ofLayer: layer.index), rows: rows, key: key,
      activations: memory.layers[layer.index - memory.frozenLayers],
      workspace: workspace)
  }

  func backward(rows gradient: SparseRowsBuffer) {
    gradient.collect(
      tokens: batch.tokenIDs, gradients: memory.embeddings?.wordGradient ?? memory.hiddenGradient)
  }
}
