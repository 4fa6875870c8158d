// What a run says of itself: metrics.jsonl and the progress on the terminal. Rank 0 writes; the
// other ranks' logs are silent.

import Configuration
import Foundation
import Kernels
import Memory
import Objectives
import Reporting
import Storage

/// What a run shows at the terminal.
package enum Console: Equatable {
  /// Progress, evaluations and results, as far as they are wanted.
  case screen(Verbosity)
  /// Warnings; if it is a terminal also one line of progress, which begins with this text.
  case line(String)

  /// What of the progress is shown.
  var progress: ProgressLine.Detail {
    switch self {
    case .screen(.quiet): .quiet
    case .screen(.normal): .normal
    case .screen(.verbose): .verbose
    case .line(let beginning): .brief(beginning)
    }
  }
}

/// The log of a run.
package final class RunLog {
  private let metrics: MetricsLog?
  private let progress: ProgressLine?
  /// nil where none is wanted, or it could not be written.
  private var tensorBoard: TensorBoardLog?
  private let settings: TrainingSettings
  private let totalSteps: Int
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant
  private var pace = Pace()
  private var window = Window()
  private var stepStart: ContinuousClock.Instant
  /// What losses are divided by in what is printed; metrics.jsonl has them as they are.
  package var lossUnit = 1.0
  /// Whether the model reads tokens; if not, feature values are counted, and there is no one
  /// learning rate.
  package var readsTokens = true
  /// The steps since the last evaluation, for its line.
  var sinceEvaluation = EvaluationWindow()

  /// A log that writes if `directory` is given, on rank 0.
  package init(
    _ directory: RunDirectory?, settings: TrainingSettings, totalSteps: Int,
    console: Console = .screen(.normal)
  ) {
    metrics = directory.map { MetricsLog(path: $0.metrics) }
    progress = directory.map { _ in ProgressLine(console.progress) }
    self.settings = settings
    self.totalSteps = totalSteps
    start = clock.now
    stepStart = start
  }

  /// The first line of a run.
  package func start(_ task: TrainingTask) {
    append(
      StartEvent {
        $0.program = "\(Program.name) \(Program.version)"
        $0.trainingRows = task.counts.rows
        $0.labels = task.labels.count
        $0.totalSteps = totalSteps
        $0.stepsPerEpoch = task.plan.stepsPerEpoch
        $0.dataSeconds = rounded(task.dataSeconds)
      })
  }

  /// The run goes on from a checkpoint: lines of steps after it go. Throws `FileError`.
  package func resume(_ state: TrainingState) throws {
    _ = try metrics?.cut(afterStep: state.step)
    append(ResumeEvent { $0.step = state.step })
    message("resuming after step \(state.step)")
  }

  /// Marks the beginning of training, before the first step.
  package func begin() {
    beginStep()
  }

  /// A step is done.
  func step(
    _ state: TrainingState, _ figures: StepMetrics, epoch: Double, tokens: Int, _ times: StepTimes
  ) {
    let now = clock.now
    window.steps += 1
    window.tokens += tokens
    window.seconds += (now - stepStart) / .seconds(1)
    window.times.merge(times)
    window.kernels.add(KernelTimes.take())
    stepStart = now
    pace.stepEnded(at: seconds)
    let isLogging = state.step.isMultiple(of: settings.loggingSteps) || state.step == totalSteps
    let rate = Double(window.tokens) / max(window.seconds, 1e-9)
    var shown = ProgressFigures(step: state.step, totalSteps: totalSteps)
    shown.epoch = epoch
    shown.loss = figures.loss / lossUnit
    shown.learningRate = readsTokens ? settings.learningRate * figures.factor : nil
    shown.unitsPerSecond = rate
    shown.unit = readsTokens ? "tokens" : "values"
    shown.seconds = seconds
    shown.secondsLeft = secondsLeft(after: state)
    sinceEvaluation.add(loss: figures.loss / lossUnit)
    progress?.show(shown, isLoggingStep: isLogging)
    guard isLogging else { return }
    append(trainEvent(state, figures, epoch, rate))
    window = Window()
  }

  private func trainEvent(
    _ state: TrainingState, _ figures: StepMetrics, _ epoch: Double, _ rate: Double
  ) -> TrainEvent {
    TrainEvent {
      $0.step = state.step
      $0.epoch = epoch
      $0.loss = figures.loss
      $0.learningRate = settings.learningRate * figures.factor
      $0.classifierLearningRate = settings.classifierLearningRate * figures.factor
      $0.gradientNorm = figures.gradientNorm
      $0.tokens = state.tokens
      $0.tokensPerSecond = rate.rounded()
      $0.bytesSentPerStep = window.times.bytesSent / max(window.steps, 1)
      $0.seconds = window.times.json
      $0.kernelSeconds = window.kernels.json
    }
  }

  /// Runs something other than a training step; its time counts in none of them.
  func pausing<Result>(_ body: () throws -> Result) rethrows -> Result {
    defer { beginStep() }
    return try body()
  }

  /// What was done before the next step counts in none.
  private func beginStep() {
    stepStart = clock.now
    pace.begin(at: seconds)
    _ = KernelTimes.take()
  }

  /// Appends an event to metrics.jsonl. A line that cannot be written waits for the next one.
  package func append(_ event: some RunEvent) {
    do {
      try metrics?.append(event)
    } catch {
      printWarning("\(error); the line is kept for the next try")
    }
    toTensorBoard { log in
      switch event {
      case let event as TrainEvent: try log.add(event)
      case let event as EvaluationEvent: try log.add(event)
      default: break
      }
    }
  }

  /// Shows the run in TensorBoard, too, from now on: `make` begins the event file.
  package func reportToTensorBoard(_ make: () throws -> TensorBoardLog) {
    guard metrics != nil else { return }
    do { tensorBoard = try make() } catch { giveUpTensorBoard(error) }
  }

  /// Writes to the event file, where there is one. A run does not fail of it.
  package func toTensorBoard(_ write: (TensorBoardLog) throws -> Void) {
    guard let log = tensorBoard else { return }
    do { try write(log) } catch { giveUpTensorBoard(error) }
  }

  private func giveUpTensorBoard(_ error: any Error) {
    tensorBoard = nil
    printWarning("TensorBoard gets no more of this run: \(error)")
  }

  /// Waits until the disk has every line. Throws `FileError`.
  package func flush() throws { try metrics?.flush(synchronize: true) }

  /// Prints a message above the progress.
  package func message(_ text: String) { progress?.message(text) }

  /// Prints a warning above the progress.
  func warn(_ text: String) { progress?.message("warning: \(text)", isWarning: true) }

  /// Ends the progress line.
  package func finish() { progress?.finish() }

  /// Since this start of the run.
  var seconds: Double { (clock.now - start) / .seconds(1) }

  /// What the steps will still take; nil before the first one.
  func secondsLeft(after state: TrainingState) -> Double? {
    pace.secondsLeft(for: totalSteps - state.step)
  }
}

/// What has happened since the last line of the log.
private struct Window {
  var steps = 0
  var tokens = 0
  var seconds = 0.0
  var times = StepTimes()
  var kernels = KernelTimes()
}

extension StepTimes {
  /// Adds the times of another step.
  mutating func merge(_ other: StepTimes) {
    for (activity, seconds) in other.seconds { self.add(seconds, to: activity) }
    bytesSent += other.bytesSent
  }

  /// Seconds by activity.
  var json: JSONObject {
    JSONObject(
      Activity.allCases.map { activity in
        (activity.rawValue, .double(rounded(seconds[activity] ?? 0)))
      })
  }
}

extension KernelTimes {
  /// Seconds by kind.
  fileprivate var json: JSONObject {
    JSONObject(KernelKind.allCases.map { ($0.name, .double(rounded(self[$0]))) })
  }
}

/// Seconds, to whole microseconds.
private func rounded(_ seconds: Double) -> Double { (seconds * 1e6).rounded() / 1e6 }
