// ModernBERT's encoder (Warner et al. 2024), pre-LayerNorm, over ragged batches: embeddings, then
// layers with rotary positions, some of which see all keys and the others a window of them.
//
// T tokens, B rows, N hidden states that are put out, H hidden.

import Data
import Kernels
import Memory

/// The blocks of a ModernBERT on their parameters.
struct ModernBertEncoder: Encoder {
  let use: EncoderUse
  let shared: ModernBertShared
  /// `[V, H]`
  let word: Matrix<Float>
  let embeddingNorm: ModernBertNorm
  let layers: [ModernBertLayer]

  /// In the order of `ModernBertConfiguration.appendBuckets`.
  enum Bucket {
    static let words = 0
    static let embeddings = 1
    static let firstLayer = 2
  }

  init(
    _ configuration: ModernBertConfiguration, _ layout: ParameterLayout, _ store: ParameterStore,
    _ use: EncoderUse
  ) {
    precondition(use.longestRow <= configuration.maximumPositions)
    self.use = use
    let shared = ModernBertShared(configuration, use)
    self.shared = shared
    func reader(_ bucket: Int) -> SlotReader {
      SlotReader(layout, bucket: bucket, base: store.buffer, origin: 0)
    }
    var (words, embeddings) = (reader(Bucket.words), reader(Bucket.embeddings))
    word = words.matrix()
    embeddingNorm = ModernBertNorm(&embeddings, configuration)
    layers = (0..<configuration.layerCount).map { index in
      let parameters = ModernBertLayerParameters(
        reader(Bucket.firstLayer + index), configuration, layer: index)
      return ModernBertLayer(
        index: index, shared: shared, parameters: parameters,
        weights: ModernBertLayerWeights(parameters, use.precision),
        passesGradient: !use.freezing.includesEmbeddings
          || index > use.freezing.layerCount(of: configuration.layerCount))
    }
  }

  var configuration: ModernBertConfiguration { shared.configuration }
  var bucketCount: Int { Bucket.firstLayer + layers.count }
  /// The LayerNorm of what is put out.
  var finalNorm: ModernBertNorm {
    guard let norm = layers.last?.parameters.finalNorm else {
      preconditionFailure("there is a layer, and the last one has the LayerNorm")
    }
    return norm
  }

  var constants: String {
    let shape = configuration
    return "\(shape.headCount) \(shape.normEpsilon) \(shape.windowHalf) \(shape.isGlobal) "
      + "\(shape.globalBase) \(shape.localBase) \(shape.activationName)"
  }

  func weights(ofBucket bucket: Int) -> [MixedPrecisionMatrix] {
    bucket < Bucket.firstLayer ? [] : layers[bucket - Bucket.firstLayer].weights.all
  }

  func norm(_ norm: ModernBertNorm) -> LayerNormParameters {
    norm.parameters(configuration, none: shared.noBeta)
  }

  /// Token ids → `output [T, H]`, with dropout if there is a key.
  func embed(
    _ batch: Batch, _ rows: RaggedRows, _ key: RandomKey?, _ kept: EmbeddingActivations,
    output: Matrix<Float>
  ) {
    wordEmbeddingForward(tokenIDs: batch.tokenIDs, word: word, output: kept.sum)
    layerNormForward(
      input: kept.sum, norm(embeddingNorm), output: output, statistics: kept.statistics)
    if let dropout = embeddingDropout(key) { applyDropout(dropout, to: output, rows: rows) }
  }

  func embeddingDropout(_ key: RandomKey?) -> Dropout? {
    DropoutPlace.embeddings.dropout(configuration.hiddenDropout, key)
  }

  func begin(
    _ batch: Batch, _ rows: RaggedRows, at key: RandomKey, in workspace: Workspace
  ) -> any EncoderPass {
    ModernBertPass(self, batch, rows, key, workspace)
  }

  func reservePass(tokens: Int, rows: Int, in workspace: Workspace) {
    _ = ModernBertPassMemory(self, MicrobatchSize(tokens: tokens, rows: rows), workspace)
  }

  func reserveTemporaries(tokens: Int, rows: Int, in workspace: Workspace) {
    for layer in layers.prefix(1) {
      workspace.temporarily { layer.reserveBackward(tokens: tokens, in: workspace) }
      workspace.temporarily {
        // What a frozen layer leaves is not kept.
        if use.freezing != .nothing {
          _ = ModernBertActivations(configuration, use.precision, tokens: tokens, workspace)
        }
        layer.reserveForward(tokens: tokens, in: workspace)
      }
    }
    workspace.temporarily { _ = embeddingMemory(tokens: tokens, in: workspace) }
  }

  /// What the embeddings keep.
  func embeddingMemory(tokens: Int, in workspace: Workspace) -> EmbeddingActivations {
    EmbeddingActivations(
      sum: workspace.matrix(tokens, configuration.hiddenSize),
      statistics: LayerNormStatistics(tokens, workspace))
  }

  func hiddenStates(_ batch: Batch, _ rows: RaggedRows, in workspace: Workspace) -> Matrix<Float> {
    let memory = ModernBertEvaluation(self, MicrobatchSize(rows), workspace)
    let kept = EmbeddingActivations(
      sum: memory.layer.sum, statistics: memory.layer.statistics)
    embed(batch, rows, nil, kept, output: memory.states)
    for layer in layers {
      layer.forward(
        ModernBertLayerPass(
          input: memory.states, rows: rows, key: nil, activations: memory.layer,
          workspace: workspace))
      memory.states.vector.copy(from: memory.layer.output.vector)
    }
    memory.output.forward(memory.states, norm(finalNorm), rows)
    return memory.output.output.values
  }

  func reserveHiddenStates(tokens: Int, rows: Int, in workspace: Workspace) {
    _ = ModernBertEvaluation(self, MicrobatchSize(tokens: tokens, rows: rows), workspace)
  }
}

/// One set of activations serves all layers in turn.
private struct ModernBertEvaluation {
  /// What a layer reads. `[T, H]`
  let states: Matrix<Float>
  let layer: ModernBertActivations
  let output: ModernBertOutput

  init(_ encoder: ModernBertEncoder, _ size: MicrobatchSize, _ workspace: Workspace) {
    states = workspace.matrix(size.tokens, encoder.configuration.hiddenSize)
    layer = ModernBertActivations(
      encoder.configuration, .float32, tokens: size.tokens, workspace)
    output = ModernBertOutput(states, encoder.use.output, rows: size.rows, workspace)
  }
}
