// One microbatch on its way through a ModernBERT, and the memory that it keeps until its backward
// pass ends.
//
// T tokens, B rows, N hidden states that are put out, H hidden.

import Data
import Kernels
import Memory

/// What a pass takes from the workspace.
struct ModernBertPassMemory {
  /// What the embeddings keep; nil if they are frozen.
  let embeddings: EmbeddingActivations?
  /// What the lowest trained layer reads. `[T, H]`
  let embedded: Matrix<Float>
  /// Layers whose weights stay as they are; they keep nothing.
  let frozenLayers: Int
  /// What the layers above them keep.
  let layers: [ModernBertActivations]
  let output: ModernBertOutput
  /// Gradient of what a layer or the embeddings put out. `[T, H]`
  let hiddenGradient: Matrix<Float>
  /// That of the output: if this is of first tokens it has memory of its own. `[N, H]`
  let outputGradient: Matrix<Float>

  init(_ encoder: ModernBertEncoder, _ size: MicrobatchSize, _ workspace: Workspace) {
    let (configuration, use) = (encoder.configuration, encoder.use)
    let frozenLayers = use.freezing.layerCount(of: configuration.layerCount)
    self.frozenLayers = frozenLayers
    embeddings =
      use.freezing.includesEmbeddings
      ? nil : encoder.embeddingMemory(tokens: size.tokens, in: workspace)
    embedded = workspace.matrix(size.tokens, configuration.hiddenSize)
    layers = (frozenLayers..<configuration.layerCount).map { _ in
      ModernBertActivations(configuration, use.precision, tokens: size.tokens, workspace)
    }
    output = ModernBertOutput(
      layers.last?.output ?? embedded, use.output, rows: size.rows, workspace)
    hiddenGradient = workspace.matrix(size.tokens, configuration.hiddenSize)
    outputGradient =
      use.output == .allTokens
      ? hiddenGradient : workspace.matrix(size.rows, configuration.hiddenSize)
  }

  /// What a trained layer reads. `[T, H]`
  func input(ofLayer index: Int) -> Matrix<Float> {
    index <= frozenLayers ? embedded : layers[index - 1 - frozenLayers].output
  }
}

/// One microbatch in a ModernBERT.
final class ModernBertPass: EncoderPass {
  private typealias Bucket = ModernBertEncoder.Bucket
  private let encoder: ModernBertEncoder
  private let batch: Batch
  private let rows: RaggedRows
  private let key: RandomKey
  private let memory: ModernBertPassMemory
  /// For what lasts no longer than a call.
  private let workspace: Workspace

  var output: MixedPrecisionMatrix { memory.output.output }
  var outputGradient: Matrix<Float> { memory.outputGradient }

  init(
    _ encoder: ModernBertEncoder, _ batch: Batch, _ rows: RaggedRows, _ key: RandomKey,
    _ workspace: Workspace
  ) {
    (self.encoder, self.batch, self.rows, self.key) = (encoder, batch, rows, key)
    self.workspace = workspace
    memory = ModernBertPassMemory(encoder, MicrobatchSize(rows), workspace)
  }

  /// The words' part is that of the embeddings' LayerNorm, too.
  func forward(bucket: Int) {
    switch bucket {
    case Bucket.words: break
    case Bucket.embeddings: forwardEmbeddings()
    default: forward(encoder.layers[bucket - Bucket.firstLayer])
    }
  }

  private func forwardEmbeddings() {
    workspace.temporarily {
      let kept =
        memory.embeddings ?? encoder.embeddingMemory(tokens: rows.tokenCount, in: workspace)
      encoder.embed(
        batch, rows, memory.embeddings == nil ? nil : key, kept, output: memory.embedded)
    }
  }

  private func forward(_ layer: ModernBertLayer) {
    if layer.index < memory.frozenLayers {
      // A frozen layer has no dropout, and leaves nothing but its output, in place of its input.
      workspace.temporarily {
        let activations = ModernBertActivations(
          encoder.configuration, encoder.use.precision, tokens: rows.tokenCount, workspace)
        layer.forward(
          ModernBertLayerPass(
            input: memory.embedded, rows: rows, key: nil, activations: activations,
            workspace: workspace))
        memory.embedded.vector.copy(from: activations.output.vector)
      }
    } else {
      layer.forward(pass(of: layer))
    }
    guard layer.index == encoder.layers.count - 1 else { return }
    memory.output.forward(
      memory.layers.last?.output ?? memory.embedded, encoder.norm(encoder.finalNorm), rows)
  }

  func backward(bucket: Int, gradient: SlotReader) {
    precondition(bucket != Bucket.words, "word embeddings have sparse gradients")
    guard bucket == Bucket.embeddings else {
      return backward(encoder.layers[bucket - Bucket.firstLayer], gradient)
    }
    guard let kept = memory.embeddings else { preconditionFailure("the embeddings are frozen") }
    var reader = gradient
    let sums = ModernBertNorm(&reader, encoder.configuration)
    if let dropout = encoder.embeddingDropout(key) {
      applyDropout(dropout, to: memory.hiddenGradient, rows: rows)
    }
    layerNormBackward(
      input: kept.sum, statistics: kept.statistics, encoder.norm(encoder.embeddingNorm),
      gradient: memory.hiddenGradient, sums: sums.sums(none: encoder.shared.noBetaGradient))
  }

  private func backward(_ layer: ModernBertLayer, _ gradient: SlotReader) {
    let gradients = ModernBertLayerParameters(
      gradient, encoder.configuration, layer: layer.index)
    if let sums = gradients.finalNorm { backwardOutput(sums) }
    layer.backward(pass(of: layer), memory.hiddenGradient, gradients)
  }

  /// From what is put out to the last layer's hidden states.
  private func backwardOutput(_ sums: ModernBertNorm) {
    layerNormBackward(
      input: memory.output.input, statistics: memory.output.statistics,
      encoder.norm(encoder.finalNorm), gradient: memory.outputGradient,
      sums: sums.sums(none: encoder.shared.noBetaGradient))
    guard encoder.use.output == .firstTokens else { return }
    memory.hiddenGradient.vector.fill(0)
    addToFirstTokens(memory.outputGradient, rows: rows, hiddenGradient: memory.hiddenGradient)
  }

  /// Of a trained layer.
  private func pass(of layer: ModernBertLayer) -> ModernBertLayerPass {
    ModernBertLayerPass(
      input: memory.input(ofLayer: layer.index), rows: rows, key: key,
      activations: memory.layers[layer.index - memory.frozenLayers], workspace: workspace)
  }

  func backward(rows gradient: SparseRowsBuffer) {
    gradient.collect(tokens: batch.tokenIDs, gradients: memory.hiddenGradient)
  }
}
