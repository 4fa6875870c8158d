// What a configuration stands for: tokenizer, data, objective and model, loaded and checked.

import Collectives
import Data
import Models
import Objectives
import Storage
import Text

/// Everything that a training run works on. The same on every rank.
struct Experiment {
  let configuration: Configuration
  let encoder: RowEncoder
  /// The features of words; nil where the model reads none.
  private(set) var words: WordInputs?
  private(set) var training: Dataset
  private(set) var validation: Dataset?
  private(set) var test: Dataset?
  let counts: TrainingCounts
  let positiveWeights: [Float]
  /// The loss by which models are judged.
  let loss: any Loss
  /// The loss that is minimized: with smoothed targets, where the configuration smooths them.
  let trainingLoss: any Loss
  let plan: BatchPlan
  let source: any ModelSource
  /// What experiments of this process share.
  let inputs: SharedInputs
  /// Seconds that reading the data took: from the files, or from the token cache.
  let dataSeconds: Double

  /// The labels, in the order of the logits.
  var labels: [String] { training.labels.names }

  /// Steps of the whole run.
  var totalSteps: Int { configuration.training.totalSteps(stepsPerEpoch: plan.stepsPerEpoch) }

  /// Changes with anything about data, labels or tokenizer that a resumed run must find again.
  var fingerprint: String {
    let datasets = [training, validation].compactMap { $0 }
    let words = words.map { [$0.vocabulary.fingerprint] } ?? []
    return
      ([encoder.encoder.identity] + words + datasets.map { String($0.fingerprint, radix: 16) })
      .joined(separator: "-")
  }

  /// The bias that a new classifier begins with, one a label.
  var classifierBias: [Float] {
    let initialization: ClassifierBias =
      switch configuration.model.classifierBias {
      case .prior: .prior
      case .zero: .zero
      }
    return initialization.values(loss: loss, counts: counts)
  }

  /// The files that belong to the encoder of rows and to the features of words, to be saved with each
  /// model.
  var inputFiles: [TokenizerFileContent] {
    let words = words.map {
      TokenizerFileContent(name: WordInputs.fileName, bytes: $0.vocabulary.fileContent)
    }
    return encoder.files + (words.map { [$0] } ?? [])
  }

  /// Tokens of the longest row.
  var longestRow: Int {
    [training, validation, test].compactMap { $0?.rowLengths.max() }.max() ?? 2
  }

  /// Reads everything but the weights.
  /// - Parameter inputs: what earlier experiments have read.
  init(
    _ configuration: Configuration, _ communicator: Communicator,
    inputs: SharedInputs = SharedInputs()
  ) throws {
    self.configuration = configuration
    self.inputs = inputs
    let source = try communicator.everyRank { () throws -> any ModelSource in
      try configuration.check(worldSize: communicator.worldSize)
      try configuration.checkFiles()
      return try makeModelSource(configuration)
    }
    let encoder = try communicator.everyRank {
      try source.rowEncoder(configuration.model, inputs)
    }
    let start = ContinuousClock.now
    let loading = DataLoading(
      communicator: communicator, encoder: encoder.encoder,
      maxLength: configuration.model.maxLength,
      columns: configuration.data.columns,
      cache: DatasetCache(directory: configuration.cacheDirectory))
    let hasTokens = !encoder.keepsText
    let all = Dataset(
      try inputs.rows(of: configuration.data.train, loading), hasTokens: hasTokens)
    guard !all.labels.names.isEmpty else {
      throw Failure(.badData, "\(configuration.data.train): no row has a label; nothing to learn")
    }
    let parts = try Self.parts(of: all, configuration) { try inputs.rows(of: $0, loading) }
    (training, validation) = (parts.training, parts.validation)
    test = try configuration.data.test.map {
      Dataset(try inputs.rows(of: $0, loading), labels: all.labels, hasTokens: hasTokens)
    }
    words = nil
    dataSeconds = (ContinuousClock.now - start) / .seconds(1)
    let counts = TrainingCounts(training)
    let weights = try communicator.everyRank {
      try configuration.loss.positiveWeight.weighting()
        .weights(counts: counts, labels: all.labels.names)
    }
    loss = try communicator.everyRank {
      try LossRegistry.make(
        configuration.loss.type, options: configuration.loss.options, counts: counts,
        positiveWeights: weights)
    }
    trainingLoss = loss.smoothed(configuration.loss.labelSmoothing, counts: counts)
    plan = Self.plan(training, configuration)
    (self.source, self.encoder, self.counts, positiveWeights) =
      (source, encoder, counts, weights)
    try configuration.earlyStopping.check(
      metrics: Evaluation.metricNames(counts: counts, topK: configuration.evaluation.topK))
    if let settings = configuration.model.wordFeatures {
      try readWords(settings.ngrams, loading.keepingText, communicator)
    }
  }

  private static func plan(_ training: Dataset, _ configuration: Configuration) -> BatchPlan {
    let seed = UInt64(configuration.training.seed)
    let repeats = configuration.data.repeatFactorThreshold.map {
      RepeatFactors(training, threshold: $0, seed: seed)
    }
    return BatchPlan(
      rowLengths: training.rowLengths, batchSize: configuration.training.batchSize,
      microbatches: configuration.training.microbatches, seed: seed,
      epochRows: repeats.map { repeats in { repeats.rows(epoch: $0) } })
  }

  /// Finds the n-grams of the training rows, and the features of all rows. Collective.
  private mutating func readWords(
    _ settings: NGramSettings, _ texts: DataLoading, _ communicator: Communicator
  ) throws {
    let loading = WordFeatureLoading(communicator: communicator)
    func text(of dataset: Dataset, _ path: String?) throws -> StoredRows {
      dataset.hasTokens
        ? try inputs.rows(of: path ?? configuration.data.train, texts) : dataset.stored
    }
    let rows = try text(of: training, configuration.data.train)
    let vocabulary = try inputs.vocabulary(
      of: training, texts: rows, settings, loading)
    func withFeatures(_ dataset: Dataset, _ path: String?) throws -> Dataset {
      dataset.with(
        wordFeatures: try inputs.wordFeatures(
          of: try text(of: dataset, path), vocabulary, loading))
    }
    training = try withFeatures(training, configuration.data.train)
    validation = try validation.map { try withFeatures($0, configuration.data.validation) }
    test = try test.map { try withFeatures($0, configuration.data.test) }
    words = WordInputs(vocabulary: vocabulary)
  }

  /// The same experiment on data sets that `transform` makes of its own, with rows and labels as they
  /// were.
  func mapDatasets(_ transform: (Dataset) throws -> Dataset) rethrows -> Experiment {
    var copy = self
    copy.training = try transform(training)
    copy.validation = try validation.map(transform)
    copy.test = try test.map(transform)
    return copy
  }

  /// The training rows and those to validate on, split off where no file is named.
  private static func parts(
    of all: Dataset, _ configuration: Configuration, rows: (String) throws -> StoredRows
  ) throws -> (training: Dataset, validation: Dataset?) {
    if let path = configuration.data.validation {
      return (all, Dataset(try rows(path), labels: all.labels, hasTokens: all.hasTokens))
    }
    let split = ValidationSplit(
      rowCount: all.rowCount, fraction: configuration.data.validationFraction,
      seed: UInt64(configuration.training.seed))
    guard !split.validation.isEmpty else { return (all, nil) }
    return (all.subset(split.training), all.subset(split.validation))
  }
}

extension TrainingCounts {
  /// The counts of a data set.
  init(_ dataset: Dataset) {
    self.init(rows: dataset.rowCount, positives: LabelCounts(dataset).positives)
  }
}
