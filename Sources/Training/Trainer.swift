// The training loop. What is here: one run from its state to its end, top-down. The parts it calls:
// Steps/OptimizationStep (gradients, AdamW), Evaluation/Evaluator and EarlyStopping,
// Checkpoints/Checkpointing, Agreement (what all ranks decide together), Run/RunLog.

import Collectives
import Configuration
import Data
import Memory
import Models
import Objectives
import Reporting
import Storage

/// Trains a model on this rank, together with all others.
package final class Trainer<Model: Classifier> {
  package let task: TrainingTask
  let model: Model
  let communicator: Communicator
  let settings: TrainingSettings
  let optimization: OptimizationStep<Model>
  package let evaluator: Evaluator<Model>
  package let checkpointing: Checkpointing<Model>
  let log: RunLog
  private let batches: BatchSource
  private let schedule: LearningRateSchedule
  private let earlyStopping: EarlyStopping
  package var state = TrainingState()
  /// Where the best model is, if it is not whole in its place.
  private var checkpointOfBest: String?
  /// Ends the run if it falls behind others; nil never does.
  package var pruning: MedianPruning?
  private var isPruned = false

  /// - Parameter save: writes the model into a directory.
  package init(
    _ task: TrainingTask, _ model: Model, _ communicator: Communicator, log: RunLog,
    save: @escaping Checkpointing<Model>.SaveModel
  ) throws {
    let plan = MemoryPlan(task, model, communicator)
    let workspace = Workspace(capacity: plan.workspaceFloats)
    settings = task.configuration.training
    optimization = try OptimizationStep(
      model, loss: task.trainingLoss, settings: settings, communicator: communicator,
      workspace: workspace)
    batches = BatchSource(task.plan, task.training, communicator)
    evaluator = Evaluator(model, task.evaluationCriteria, communicator, workspace)
    schedule = LearningRateSchedule(settings, totalSteps: task.totalSteps)
    earlyStopping = EarlyStopping(settings: task.configuration.earlyStopping)
    checkpointing = Checkpointing(task, optimization, communicator, save: save)
    (self.task, self.model, self.communicator, self.log) = (task, model, communicator, log)
  }

  /// Goes on from a checkpoint.
  package func resume(from checkpoint: ResumePoint) throws {
    state = try checkpointing.restore(checkpoint, log: log)
    checkpointOfBest = try checkpointing.checkpointOfBest(state)
  }

  /// Takes the evaluations before the checkpoint, as the log of the run has them, into account.
  package func recall(evaluationsOf directory: RunDirectory) throws {
    guard let metric = pruning?.metric else { return }
    for value in try communicator.evaluations(of: metric, in: directory) { pruning?.add(value) }
    isPruned = try communicator.decide { pruning?.isBehind ?? false }
  }

  /// Trains until the last step, early stopping, pruning or a signal. Whatever ends the run, the
  /// last checkpoint is complete.
  package func run() throws -> RunEnd {
    do {
      let end = try train()
      try checkpointing.finalize(log: log)
      return end
    } catch  where isMetByAll(error) {
      try? checkpointing.finalize(log: log)
      throw error
    }
  }

  private func train() throws -> RunEnd {
    try repairBest()
    // A signal ends a run before the evaluation that its last step may have made due.
    if state.step > 0, isEvaluationDue, state.lastEvaluation != state.step { try evaluate() }
    while !isLastStep, !state.hasStoppedEarly, !isPruned {
      let requests = try step()
      if isEvaluationDue, !requests.stops { try evaluate() }
      if isSaveDue || requests.saves || requests.stops { try save() }
      if requests.stops { return .signaled }
      try checkpointing.finalizeIfFlushed(log: log)
    }
    try gatherParameters()
    if state.bestStep == nil { try keepLast() }
    return state.hasStoppedEarly ? .stoppedEarly : isPruned ? .pruned : .finished
  }

  /// Seconds and tokens of each of the first steps, to foresee the whole run by. The trainer is of
  /// no use afterwards.
  package func measureSteps(_ count: Int) throws -> [(seconds: Double, tokens: Int)] {
    try (0..<min(count, schedule.totalSteps)).map { _ in
      let (start, tokens) = (ContinuousClock.now, state.tokens)
      _ = try step()
      try gatherParameters()
      return ((ContinuousClock.now - start) / .seconds(1), state.tokens - tokens)
    }
  }

  /// One update of all parameters. Returns what any rank wants to happen next.
  private func step() throws -> StopAndSaveRequests {
    communicator.activity = "step \(state.step + 1)"
    var times = StepTimes()
    times.begin(.data)
    let batch = batches.batch(ofStep: state.step)
    let hasNext = state.step + 1 < schedule.totalSteps
    let next = hasNext ? batches.batch(ofStep: state.step + 1).microbatches : []
    let outcome = try optimization.run(
      StepWork(
        batch, next: .known(next), number: state.step, skipped: state.skippedSteps,
        factor: schedule.factor(step: state.step)),
      times: &times)
    times.begin(.wait)
    let requests = try StopAndSaveRequests(
      stops: StopRequest.isRaised, saves: checkpointing.isTimeToSave
    ).merged(over: communicator)
    times.begin(nil)

    state.step += 1
    state.tokens += outcome.totals.tokens
    if let reports = outcome.nonFiniteReports { try skip(reports, outcome.figures) }
    if state.losses.isSpike(outcome.figures.loss) { log.lossSpike(state, outcome.figures) }
    log.step(state, outcome.figures, epoch: epochsDone, tokens: outcome.totals.tokens, times)
    return requests
  }

  /// Validates the model, that of averaged weights if they are averaged, and keeps it if it is
  /// the best so far. Rank 0 decides, all obey.
  private func evaluate() throws {
    communicator.activity = "the evaluation after step \(state.step)"
    try gatherParameters()
    try optimization.withAveragedWeights {
      guard let evaluation = try validate() else { return }
      try judge(evaluation)
    }
  }

  private func judge(_ evaluation: Evaluation) throws {
    guard let value = evaluation.value(earlyStopping.settings.metricForBestModel) else {
      preconditionFailure("the metric's name was checked before the first step")
    }
    let isBest = try communicator.decide { earlyStopping.judge(value, &state) }
    try communicator.share(&state)
    log.evaluation(state, evaluation, epoch: epochsDone, isBest: isBest)
    if state.hasStoppedEarly { log.stoppedEarly(state) }
    if isBest { try checkpointing.saveBest(state, evaluation: evaluation, log: log) }
    try prune(evaluation)
  }

  private func prune(_ evaluation: Evaluation) throws {
    guard let metric = pruning?.metric, let value = evaluation.value(metric) else { return }
    pruning?.add(value)
    isPruned = try communicator.decide { pruning?.isBehind ?? false }
  }

  /// Brings the best model into the model's parameters.
  package func restoreBest() throws {
    checkpointOfBest = try checkpointing.checkpointOfBest(state)
    try repairBest()
    try checkpointing.restoreBest(log: log)
  }

  private func repairBest() throws {
    guard let checkpoint = checkpointOfBest else { return }
    communicator.activity = "writing the best model again"
    try checkpointing.repairBest(state, from: checkpoint, log: log) { try validate() }
    checkpointOfBest = nil
  }

  private func save() throws {
    try gatherParameters()
    try checkpointing.save(state, log: log)
  }

  /// Waits for all parameters, and makes sure that all ranks have the same.
  private func gatherParameters() throws {
    try optimization.gatherParameters()
    try communicator.checkReplicas(model.parameters, step: state.step)
  }

  /// Metrics of the model as it is; nil without validation rows.
  private func validate() throws -> Evaluation? {
    guard let validation = task.validation else { return nil }
    return try log.pausing {
      try evaluator.evaluate(validation) { scores in
        [.init(.global, thresholds: scores.globalThresholds)]
      }
    }
  }

  /// A run without evaluations ends with its last model as the best one; validation rows, if
  /// there are any, give its thresholds.
  private func keepLast() throws {
    try optimization.withAveragedWeights {
      try checkpointing.saveBest(state, evaluation: try validate(), log: log)
    }
  }

  private var stepsPerEpoch: Int { task.plan.stepsPerEpoch }
  /// Epochs gone through, with the fraction of the present one.
  private var epochsDone: Double { Double(state.step) / Double(stepsPerEpoch) }
  private var isLastStep: Bool { state.step >= schedule.totalSteps }

  private var isEvaluationDue: Bool {
    let evaluation = task.configuration.evaluation
    return evaluation.strategy.isDue(
      state.step, steps: evaluation.steps, stepsPerEpoch: stepsPerEpoch, isLast: isLastStep)
  }

  private var isSaveDue: Bool {
    let saving = task.configuration.checkpointing
    return saving.strategy.isDue(
      state.step, steps: saving.steps, stepsPerEpoch: stepsPerEpoch,
      isLast: isLastStep || state.hasStoppedEarly || isPruned)
  }
}

extension IntervalStrategy {
  /// Whether something that recurs so is due after `step` updates; at the end always, but for `no`.
  func isDue(_ step: Int, steps: Int?, stepsPerEpoch: Int, isLast: Bool) -> Bool {
    switch self {
    case .no: false
    case .epoch: isLast || step.isMultiple(of: stepsPerEpoch)
    case .steps: isLast || step.isMultiple(of: steps ?? .max)
    }
  }
}
