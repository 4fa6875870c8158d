// BERT's encoder (Devlin et al. 2019), post-LayerNorm, over ragged batches:
// embeddings, then layers.

import Data
import Kernels
import Memory

/// The blocks of a BERT on their parameters.
struct BertEncoder: Encoder {
  let configuration: BertConfiguration
  let use: EncoderUse
  let embeddings: BertEmbeddings
  let layers: [BertLayer]
  /// What distances add to scores; nil in families without.
  let relative: RelativePositions?

  init(
    _ configuration: BertConfiguration, _ layout: ParameterLayout, _ store: ParameterStore,
    _ use: EncoderUse
  ) {
    precondition(use.longestRow <= configuration.maximumPositions)
    self.configuration = configuration
    self.use = use
    func reader(_ bucket: Int) -> SlotReader {
      SlotReader(layout, bucket: bucket, base: store.buffer, origin: 0)
    }
    var words = reader(Bucket.words)
    embeddings = BertEmbeddings(
      configuration, word: words.matrix(),
      BertEmbeddingParameters(reader(Bucket.embeddings), configuration), use.precision)
    let scratch = AttentionScratch(
      longestRow: use.longestRow, headSize: configuration.headSize, precision: use.precision)
    let relative = embeddings.parameters.relativeBias.map {
      RelativePositions(table: $0, longestRow: use.longestRow)
    }
    self.relative = relative
    layers = (0..<configuration.layerCount).map { index in
      BertLayer(
        configuration, index, use,
        parameters: BertLayerParameters(reader(Bucket.firstLayer + index)),
        attention: LayerAttention(scratch: scratch, relative: relative))
    }
  }

  /// In the order of `BertConfiguration.appendBuckets`.
  enum Bucket {
    static let words = 0
    static let embeddings = 1
    static let firstLayer = 2
  }

  var bucketCount: Int { Bucket.firstLayer + layers.count }
  var constants: String {
    let constants = "\(configuration.headCount) \(configuration.layerNormEpsilon)"
    guard configuration.family != .bert || configuration.activation != .gelu else {
      return constants
    }
    return constants + " \(configuration.modelType) \(configuration.activation) "
      + "\(configuration.positionPadding ?? 0)"
  }

  func weights(ofBucket bucket: Int) -> [MixedPrecisionMatrix] {
    switch bucket {
    case Bucket.words: []
    case Bucket.embeddings: embeddings.projection.map { [$0] } ?? []
    default: layers[bucket - Bucket.firstLayer].weights.all
    }
  }

  func begin(
    _ batch: Batch, _ rows: RaggedRows, at key: RandomKey, in workspace: Workspace
  ) -> any EncoderPass {
    BertPass(self, batch, rows, key, workspace)
  }

  func reservePass(tokens: Int, rows: Int, in workspace: Workspace) {
    _ = BertPassMemory(self, MicrobatchSize(tokens: tokens, rows: rows), workspace)
  }

  func reserveTemporaries(tokens: Int, rows: Int, in workspace: Workspace) {
    let size = MicrobatchSize(tokens: tokens, rows: rows)
    workspace.temporarily { embeddings.reserveBackward(tokens: tokens, in: workspace) }
    for layer in layers {
      workspace.temporarily { layer.reserveBackward(size, in: workspace) }
      // What a frozen layer leaves is not kept.
      guard use.freezing != .nothing else { continue }
      workspace.temporarily { layer.reserveForward(size, in: workspace) }
    }
    guard use.freezing.includesEmbeddings else { return }
    workspace.temporarily {
      _ = EmbeddingActivations(configuration, use.precision, tokens: tokens, workspace)
    }
  }

  func hiddenStates(_ batch: Batch, _ rows: RaggedRows, in workspace: Workspace) -> Matrix<Float> {
    let memory = EvaluationMemory(self, MicrobatchSize(rows), workspace)
    var (input, output) = (memory.input, memory.output)
    relative?.prepare()
    embeddings.forward(batch, rows, nil, memory.embeddings, output: input.output)
    for layer in layers {
      if layer.queryRange == .firstTokens, let last = memory.last { output = last }
      layer.forward(
        LayerPass(
          input: input.output, rows: rows, key: nil, activations: output, workspace: workspace))
      swap(&input, &output)
    }
    return input.output.values
  }

  func reserveHiddenStates(tokens: Int, rows: Int, in workspace: Workspace) {
    _ = EvaluationMemory(self, MicrobatchSize(tokens: tokens, rows: rows), workspace)
  }
}

/// Two sets of activations serve all layers in turn: one is read while the other is written.
private struct EvaluationMemory {
  let embeddings: EmbeddingActivations
  let input: LayerActivations
  let output: LayerActivations
  /// Of the last layer, if its output is that of first tokens.
  let last: LayerActivations?

  init(_ encoder: BertEncoder, _ size: MicrobatchSize, _ workspace: Workspace) {
    func activations(_ range: QueryRange) -> LayerActivations {
      LayerActivations(encoder.configuration, .float32, range, size, workspace)
    }
    input = activations(.allTokens)
    output = activations(.allTokens)
    last = encoder.use.output == .firstTokens ? activations(.firstTokens) : nil
    embeddings =
      encoder.configuration.projectedSize == nil
      ? EmbeddingActivations(sum: input.sum, statistics: input.statistics)
      : EmbeddingActivations(encoder.configuration, .float32, tokens: size.tokens, workspace)
  }
}
