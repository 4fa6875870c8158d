// What a run works on, whatever kind of model it trains.

import Configuration
import Data
import Objectives

/// Settings, data and objective of a run, loaded and checked; the same on every rank.
package struct TrainingTask {
  package let configuration: Configuration
  package private(set) var training: Dataset
  package private(set) var validation: Dataset?
  package private(set) var test: Dataset?
  package let counts: TrainingCounts
  /// The loss by which models are judged.
  package let loss: any Loss
  /// The loss that is minimized: with smoothed targets, if the configuration smooths them.
  package let trainingLoss: any Loss
  /// The order of the rows, and how they are cut into microbatches.
  package let plan: BatchPlan
  /// What stands for the tokenizer and the vocabulary of n-grams, by whose change a resumed
  /// run is refused.
  package var inputIdentities: [String]
  /// Seconds that reading the data took: from the files, or from the token cache.
  package let dataSeconds: Double

  /// The labels, in the order of the logits.
  package var labels: [String] { training.labels.names }

  /// Steps of the whole run.
  package var totalSteps: Int {
    configuration.training.totalSteps(stepsPerEpoch: plan.stepsPerEpoch)
  }

  /// Changes with anything about data, labels or tokenizer that a resumed run must find again.
  package var fingerprint: String {
    let rows = [training, validation].compactMap { $0 }.map { String($0.fingerprint, radix: 16) }
    return (inputIdentities + rows).joined(separator: "-")
  }

  /// The lengths of the rows of each part; empty if it is not there.
  package var trainingLengths: [Int] { training.rowLengths }
  package var validationLengths: [Int] { validation?.rowLengths ?? [] }
  package var testLengths: [Int] { test?.rowLengths ?? [] }

  /// All data sets that are there.
  package var datasets: [Dataset] { [training, validation, test].compactMap { $0 } }

  package init(
    _ configuration: Configuration, data: Parts, objective: Objective, inputIdentities: [String],
    dataSeconds: Double
  ) {
    self.configuration = configuration
    (training, validation, test) = (data.training, data.validation, data.test)
    (counts, loss, trainingLoss) = (objective.counts, objective.loss, objective.trainingLoss)
    plan = Self.plan(data.training, configuration)
    self.inputIdentities = inputIdentities
    self.dataSeconds = dataSeconds
  }

  /// The rows by what they are for.
  package struct Parts {
    package var training: Dataset
    package var validation: Dataset?
    package var test: Dataset?

    package init(training: Dataset, validation: Dataset? = nil, test: Dataset? = nil) {
      self.training = training
      self.validation = validation
      self.test = test
    }
  }

  /// What is minimized and judged by.
  package struct Objective {
    package let counts: TrainingCounts
    package let loss: any Loss
    package let trainingLoss: any Loss

    package init(counts: TrainingCounts, loss: any Loss, trainingLoss: any Loss) {
      self.counts = counts
      self.loss = loss
      self.trainingLoss = trainingLoss
    }
  }

  private static func plan(_ training: Dataset, _ configuration: Configuration) -> BatchPlan {
    let seed = UInt64(configuration.training.seed)
    let repeats = configuration.data.oversampleRare.map {
      RepeatFactors(training, threshold: $0, seed: seed)
    }
    return BatchPlan(
      rowLengths: training.rowLengths, batchSize: configuration.training.batchSize,
      microbatches: configuration.training.microbatches, seed: seed,
      epochRows: repeats.map { repeats in { repeats.rows(epoch: $0) } })
  }

  /// The same task on data sets that `transform` makes of its own, with rows and labels
  /// as they were.
  package func mapDatasets(_ transform: (Dataset) throws -> Dataset) rethrows -> TrainingTask {
    var copy = self
    copy.training = try transform(training)
    copy.validation = try validation.map(transform)
    copy.test = try test.map(transform)
    return copy
  }
}

extension TrainingCounts {
  /// The counts of a data set.
  package init(_ dataset: Dataset) {
    let counts = LabelCounts(dataset)
    self.init(
      rows: counts.rowCount, positives: counts.positives,
      known: counts.positives.indices.map(counts.known))
  }
}
