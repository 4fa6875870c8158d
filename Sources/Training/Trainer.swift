// The training loop. What is here: one run from its state to its end, top-down. The parts it calls:
// Steps/ (gradients, AdamW), Run/Evaluator, Run/EarlyStopping, Run/Checkpointing, Run/RunLog.

import Collectives
import Data
import Memory
import Models
import Objectives

/// Why a run ended.
enum RunEnd: String {
  case finished
  case stoppedEarly = "early_stop"
  case signaled
}

/// Trains a model on this rank, together with all others.
final class Trainer<Model: Classifier> {
  let experiment: Experiment
  let model: Model
  let communicator: Communicator
  let settings: TrainingSettings
  let gradients: GradientComputation<Model>
  let optimizer: ShardedAdamW
  let evaluator: Evaluator<Model>
  let checkpointing: Checkpointing<Model>
  let log: RunLog
  private let schedule: Schedule
  private let earlyStopping: EarlyStopping
  private let stopSignal = StopSignal()
  private(set) var state = TrainingState()

  init(
    _ experiment: Experiment, _ model: Model, _ communicator: Communicator, log: RunLog,
    save: @escaping Checkpointing<Model>.SaveModel
  ) throws {
    let plan = MemoryPlan(experiment, model, communicator)
    let workspace = Workspace(capacity: plan.workspaceFloats)
    let queue = ExchangeQueue(communicator: communicator)
    settings = experiment.configuration.training
    gradients = GradientComputation(
      model: model, loss: experiment.loss,
      tree: try LocalTree(microbatches: settings.microbatches, ranks: communicator.worldSize),
      queue: queue, workspace: workspace)
    optimizer = ShardedAdamW(
      layout: model.layout,
      shards: model.layout.buckets.indices.map(gradients.reducer.shard), settings: settings)
    evaluator = Evaluator(experiment, model, communicator, workspace)
    schedule = Schedule(settings, totalSteps: experiment.totalSteps)
    earlyStopping = EarlyStopping(settings: experiment.configuration.earlyStopping)
    checkpointing = Checkpointing(
      experiment.configuration, model: model, optimizer: optimizer, communicator: communicator,
      save: save)
    (self.experiment, self.model, self.communicator, self.log) =
      (experiment, model, communicator, log)
  }

  /// Goes on from a checkpoint.
  func resume(from checkpoint: ResumePoint) throws {
    state = try checkpointing.restore(checkpoint)
  }

  /// Trains until the last step, early stopping or a signal.
  func run() throws -> RunEnd {
    while state.step < schedule.totalSteps, !state.hasStoppedEarly {
      let isSignaled = try step()
      if isEvaluationDue { try evaluate() }
      if isSaveDue || isSignaled { try checkpointing.save(state, log: log) }
      if isSignaled { return .signaled }
    }
    if experiment.validation == nil || experiment.configuration.evaluation.strategy == .no {
      try checkpointing.saveBest(state, evaluation: nil, log: log)
    }
    return state.hasStoppedEarly ? .stoppedEarly : .finished
  }

  /// One update of all parameters. Returns whether any rank was asked to stop.
  private func step() throws -> Bool {
    var times = StepTimes()
    times.begin(.data)
    let rows = experiment.plan.step(epoch: epoch, index: state.step % stepsPerEpoch)
    let batches = LocalTree.microbatches(
      rows.count, ofRank: communicator.rank, ranks: communicator.worldSize
    ).map { Batch(experiment.training, rows: rows[$0]) }
    let entries = rows.reduce(0) { $0 + $1.count } * model.labelCount

    let moment = TrainingMoment(seed: UInt64(settings.seed), step: state.step)
    let local = try gradients.run(
      batches, at: moment, scale: 1 / Float(entries), times: &times)

    times.begin(.wait)
    let touched = try gradients.finish()
    times.begin(.optimizer)
    let norm = optimizer.squaredNorm(gradients.gradients, rows: touched)
    times.begin(.wait)
    let total = try StepTotals(
      loss: local.sum, squaredNorm: norm, tokens: local.tokens, stops: stopSignal.isRaised
    ).summed(over: communicator)
    let figures = StepFigures(
      loss: total.loss.value / Double(entries), gradientNorm: total.squaredNorm.value.squareRoot(),
      factor: schedule.factor(step: state.step))
    guard figures.isFinite else { throw Divergence(step: state.step + 1, figures) }

    times.begin(.optimizer)
    optimizer.update(
      model.parameters, gradients.gradients, rows: touched, number: state.step + 1,
      factor: figures.factor, gradientScale: figures.clipping(to: settings.maxGradientNorm))
    times.begin(.wait)
    try gradients.gatherParameters(model.parameters)
    times.begin(nil)

    state.step += 1
    state.tokens += total.tokens
    try log.step(state, figures, epoch: epochsDone, tokens: total.tokens, times)
    return total.stops
  }

  /// Validates, and keeps the model if it is the best so far. Rank 0 decides, all obey.
  private func evaluate() throws {
    guard let validation = experiment.validation else { return }
    let evaluation = try log.pausing {
      try evaluator.evaluate(validation) { [.init(suffix: "_tuned", thresholds: .global($0))] }
    }
    let name = earlyStopping.settings.metricName
    guard let value = evaluation.value(name) else {
      try earlyStopping.settings.check(metrics: evaluation.metrics.map(\.name))
      return
    }
    let isBest = try communicator.decide { earlyStopping.judge(value, &state) }
    try communicator.share(&state)
    try log.evaluation(state, evaluation, epoch: epochsDone, isBest: isBest)
    if isBest { try checkpointing.saveBest(state, evaluation: evaluation, log: log) }
  }

  private var stepsPerEpoch: Int { experiment.plan.stepsPerEpoch }
  private var epoch: Int { state.step / stepsPerEpoch }
  /// Epochs gone through, with the fraction of the present one.
  private var epochsDone: Double { Double(state.step) / Double(stepsPerEpoch) }
  private var isLastStep: Bool { state.step >= schedule.totalSteps }

  private var isEvaluationDue: Bool {
    let evaluation = experiment.configuration.evaluation
    return evaluation.strategy.isDue(
      state.step, steps: evaluation.steps, stepsPerEpoch: stepsPerEpoch, isLast: isLastStep)
  }

  private var isSaveDue: Bool {
    let saving = experiment.configuration.checkpointing
    return saving.strategy.isDue(
      state.step, steps: saving.steps, stepsPerEpoch: stepsPerEpoch,
      isLast: isLastStep || state.hasStoppedEarly)
  }
}

extension Recurrence {
  /// Whether something that recurs so is due after `step` updates; at the end always, but for `no`.
  func isDue(_ step: Int, steps: Int?, stepsPerEpoch: Int, isLast: Bool) -> Bool {
    switch self {
    case .no: false
    case .epoch: isLast || step.isMultiple(of: stepsPerEpoch)
    case .steps: isLast || step.isMultiple(of: steps ?? .max)
    }
  }
}
