// The linear model and the encoder of a fit as one model.

import Collectives
import Data
import Models
import Objectives
import Reporting
import Runs
import Storage
import Training

/// Makes an ensemble of a fit's two models, and evaluates it.
struct FitEnsemble {
  private let plan: FitPlan
  private let experiment: Experiment
  private let communicator: Communicator

  /// Reads the rows as both models need them. Collective.
  init(
    _ plan: FitPlan, _ effort: EncoderEffort, _ communicator: Communicator, _ inputs: SharedInputs
  ) throws {
    let tfidf = try plan.linear().resolved["model"]?["linear"]
    experiment = try Experiment(
      plan.encoder(effort, tfidf: tfidf.map(Self.nGrams)), communicator, inputs: inputs)
    self.plan = plan
    self.communicator = communicator
  }

  /// The settings of the n-grams among those of a linear model.
  private static func nGrams(_ settings: JSONValue) -> JSONValue { settings }

  /// Tunes the weights on the validation rows, saves the ensemble and evaluates it. Collective.
  /// - Parameter results: those of the encoder, whose steps are the ensemble's.
  func candidate(results: RunResults) throws -> FitCandidate {
    guard let validation = experiment.task.validation else {
      throw Failure(
        .badData, "\(plan.options.data): no rows are left to validate on; give more rows")
    }
    let directory = plan.directory
    let (encoder, linear) = try communicator.everyRank {
      (
        try EnsembleMember(path: directory.encoder.best, dataset: validation),
        try EnsembleMember(path: directory.linear.best, dataset: validation)
      )
    }
    let scores = try EnsembleScores(
      encoder: encoder.part, linear: linear.part, counts: experiment.task.counts, communicator)
    let weights = try scores.bestWeights()
    let kind: EnsembleOptions.Threshold = plan.options.goal == .macroF1 ? .perLabel : .global
    let decisions = try scores.decisions(kind, weights)
    let ensemble = try communicator.everyRank { try Ensemble(encoder, linear) }
    let path = "\(directory.path)/ensemble/best"
    try communicator.rootOnly {
      try makeDirectories(parent(of: path))
      try ensemble.save(to: path, weights: weights, decisions: decisions)
    }
    return FitCandidate(
      kind: .ensemble, results: try evaluate(path, steps: results), model: path)
  }

  private func evaluate(_ path: String, steps: RunResults) throws -> RunResults {
    let parts = [experiment.task.validation, experiment.task.test].compactMap { $0 }
    let loaded = try communicator.everyRank { try LoadedModel(path: path) }
    let (model, workspace) = try communicator.everyRank {
      try loaded.model(
        for: parts, batchTokens: experiment.task.configuration.evaluation.batchTokens)
    }
    func evaluate(_ model: some Classifier) throws -> RunResults {
      let evaluator = Evaluator(
        model, experiment.task.evaluationCriteria, communicator, workspace)
      let evaluation = try FinalEvaluation(FinalRows(experiment.task), evaluator)
      try communicator.rootOnly {
        let run = RunDirectory(path: parent(of: path))
        if let labels = evaluation.labels { try PendingFile.write(labels.csv, to: run.labels) }
        try evaluation.scores.write(to: run.scores)
        let encoder = plan.directory.encoder
        for (from, to) in [
          (encoder.config, run.config), (encoder.audit, run.audit), (encoder.splits, run.splits),
        ] where fileKind(from) != nil { try PendingFile.copy(from, to: to) }
      }
      var results = evaluation.record(TrainingState(), steps.endedBy)
      (results.bestStep, results.lastStep) = (steps.bestStep, steps.lastStep)
      return results
    }
    return try evaluate(model)
  }
}
