// What a configuration stands for: tokenizer, data, objective and model, loaded and checked.

import Collectives
import Configuration
import Data
import Models
import Objectives
import Reporting
import Storage
import Text
import Training

/// Everything that a training run works on, and where it comes from. The same on every rank.
package struct Experiment {
  /// Settings, data and objective.
  package var task: TrainingTask
  let encoder: RowEncoder
  /// What TF-IDF features are made by; nil if the model reads none.
  private(set) var tfidf: TFIDFInputs?
  let positiveWeights: [Float]
  /// How the rows of the training file were divided; nil if every part has a file of its own.
  let split: DataSplit?
  let source: any ModelSource
  /// Why products are computed in the precision that they are; nil if the user has chosen it.
  let precisionReason: String?
  /// What was read: the training file first, then those of validation and test.
  let sources: [LoadedRows]
  /// What experiments of this process share.
  let inputs: SharedInputs

  var configuration: Configuration { task.configuration }

  /// The bias that a new classifier begins with, one a label.
  var classifierBias: [Float] {
    let initialization: ClassifierBias =
      switch configuration.model.classifierBias {
      case .prior: .prior
      case .zero: .zero
      }
    return initialization.values(loss: task.loss, counts: task.counts)
  }

  /// The files that belong to the encoder of rows and to the TF-IDF features, to be saved with each
  /// model.
  var inputFiles: [TokenizerFileContent] {
    let ngrams = tfidf.map {
      TokenizerFileContent(name: TFIDFInputs.fileName, bytes: $0.vocabulary.fileContent)
    }
    return encoder.files.with(maximumLength: configuration.model.maxLength)
      + (ngrams.map { [$0] } ?? [])
  }

  /// A part that reads the TF-IDF features, with weights of zero; nil if the model reads none.
  var linearPart: LinearPart? {
    guard let tfidf, let settings = configuration.model.tfidfSettings else { return nil }
    return LinearPart(
      featureCount: tfidf.vocabulary.count, labelCount: task.labels.count, rates: settings.rates)
  }

  /// Tokens of the longest row.
  var longestRow: Int {
    task.datasets.compactMap { $0.rowLengths.max() }.max() ?? 2
  }

  /// Reads everything but the weights.
  /// - Parameter inputs: what earlier experiments have read.
  package init(
    _ configuration: Configuration, _ communicator: Communicator,
    inputs: SharedInputs = SharedInputs()
  ) throws {
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
      communicator: communicator, content: encoder.content, columns: configuration.data.columns(),
      cache: DatasetCache(directory: configuration.cacheDirectory))
    let (all, parts): (Dataset, TrainingTask.Parts)
    (sources, all, split, parts) = try Self.read(configuration.data, inputs, loading)
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let choice = try PrecisionChoice(
      configuration.training, hiddenSize: source.hiddenSize, training: parts.training, communicator)
    var configuration = configuration
    configuration.training.precision = choice.precision
    precisionReason = choice.reason
    let counts = TrainingCounts(parts.training)
    let weights = try communicator.everyRank {
      try configuration.loss.positiveWeight.weighting()
        .weights(counts: counts, labels: all.labels.names)
    }
    task = TrainingTask(
      configuration, data: parts,
      objective: try communicator.everyRank {
        try configuration.loss.objective(counts: counts, positiveWeights: weights)
      }, inputIdentities: [encoder.content.fingerprint], dataSeconds: seconds)
    (self.source, self.encoder, self.inputs, positiveWeights) = (source, encoder, inputs, weights)
    try configuration.earlyStopping.check(
      metrics: Evaluation.metricNames(counts: counts, topK: configuration.evaluation.topK))
    if let settings = configuration.model.tfidfSettings {
      try readTFIDF(settings.ngrams, communicator)
    }
  }

  /// Finds the n-grams of the training rows, and the features of all rows. Collective.
  private mutating func readTFIDF(
    _ settings: NGramSettings, _ communicator: Communicator
  ) throws {
    let loading = TFIDFLoading(communicator: communicator)
    let vocabulary = try inputs.vocabulary(of: task.training, settings, loading)
    task = try task.mapDatasets { dataset in
      dataset.with(tfidf: try inputs.tfidf(of: dataset.stored, vocabulary, loading))
    }
    task.inputIdentities.append(vocabulary.fingerprint)
    tfidf = TFIDFInputs(vocabulary: vocabulary)
  }

  /// Reads all files: what each holds, the rows of the first one, how they were divided, and the
  /// rows of each part. Collective.
  private static func read(
    _ settings: DataSettings, _ inputs: SharedInputs, _ loading: DataLoading
  ) throws -> (
    sources: [LoadedRows], all: Dataset, split: DataSplit?, parts: TrainingTask.Parts
  ) {
    var sources = [
      try inputs.rows(
        of: settings.train, loading.reading(settings.columns(splits: settings.isSplit)))
    ]
    let all = Dataset(sources[0].rows)
    guard !all.labels.names.isEmpty else {
      throw Failure(.badData, "\(settings.train): no row has a label; nothing to learn")
    }
    let split = settings.split(all)
    let parts = try parts(of: all, split, settings) { path in
      sources.append(try inputs.rows(of: path, loading))
      return sources[sources.count - 1].rows
    }
    return (sources, all, split, parts)
  }

  /// The rows of each part: of its file, else those that were split off.
  private static func parts(
    of all: Dataset, _ split: DataSplit?, _ settings: DataSettings,
    rows: (String) throws -> StoredRows
  ) throws -> TrainingTask.Parts {
    func part(_ path: String?, _ splitRows: [Int]?) throws -> Dataset? {
      if let path { return Dataset(try rows(path), labels: all.labels) }
      guard let splitRows, !splitRows.isEmpty else { return nil }
      return all.subset(splitRows)
    }
    return TrainingTask.Parts(
      training: split.map { all.subset($0.training) } ?? all,
      validation: try part(settings.validation, split?.validation),
      test: try part(settings.test, split?.test))
  }
}

extension DataSettings {
  /// The division of the rows of the training file; nil if every part has a file of its own.
  fileprivate func split(_ all: Dataset) -> DataSplit? {
    guard isSplit else { return nil }
    let fractions = SplitFractions(
      validation: validation == nil ? validationFraction : 0, test: testFraction)
    return DataSplit(all, fractions, by: split, seed: UInt64(splitSeed))
  }
}

extension LossSettings {
  /// The losses that the settings name.
  func objective(counts: TrainingCounts, positiveWeights: [Float]) throws -> TrainingTask.Objective
  {
    let loss = try LossRegistry.make(
      type, options: options, counts: counts, positiveWeights: positiveWeights)
    return TrainingTask.Objective(
      counts: counts, loss: loss, trainingLoss: loss.smoothed(labelSmoothing, counts: counts))
  }
}
