// What may happen in a run: each event is a line of metrics.jsonl, which begins with its name.

import Objectives
import Storage

/// A line of metrics.jsonl.
package protocol RunEvent: JSONRecord {
  /// The value of the key "event".
  static var name: String { get }
}

/// The first line of a run.
package struct StartEvent: RunEvent {
  package static let name = "start"
  package static let fields: [JSONField<Self>] = [
    JSONField("program", \.program), JSONField("training_rows", \.trainingRows),
    JSONField("labels", \.labels), JSONField("total_steps", \.totalSteps),
    JSONField("steps_per_epoch", \.stepsPerEpoch), JSONField("data_seconds", \.dataSeconds),
  ]
  /// Name and version.
  package var program = ""
  package var trainingRows = 0
  package var labels = 0
  package var totalSteps = 0
  package var stepsPerEpoch = 0
  /// What reading the data took.
  package var dataSeconds = 0.0
  package init() {}
}

/// The run goes on after a checkpoint.
package struct ResumeEvent: RunEvent {
  package static let name = "resume"
  package static let fields: [JSONField<Self>] = [JSONField("step", \.step)]
  package var step = 0
  package init() {}
}

/// A logged step; times and counts are those of the steps since the last such line.
package struct TrainEvent: RunEvent {
  package static let name = "train"
  package static let fields: [JSONField<Self>] = [
    JSONField("step", \.step), JSONField("epoch", \.epoch), JSONField("loss", \.loss),
    JSONField("learning_rate", \.learningRate),
    JSONField("classifier_learning_rate", \.classifierLearningRate, isRequired: false),
    JSONField("grad_norm", \.gradientNorm), JSONField("tokens", \.tokens),
    JSONField("tokens_per_second", \.tokensPerSecond),
    JSONField("bytes_sent_per_step", \.bytesSentPerStep), JSONField("seconds", \.seconds),
    JSONField("kernel_seconds", \.kernelSeconds),
  ]
  package var step = 0
  /// With the fraction of the present one.
  package var epoch = 0.0
  package var loss = 0.0
  package var learningRate = 0.0
  package var classifierLearningRate = 0.0
  /// Before it is clipped.
  package var gradientNorm = 0.0
  /// Real tokens since the run's first step, over all ranks.
  package var tokens = 0
  package var tokensPerSecond = 0.0
  package var bytesSentPerStep = 0
  /// Seconds by activity.
  package var seconds = JSONObject()
  /// Seconds by kind of kernel.
  package var kernelSeconds = JSONObject()
  package init() {}

  /// All activities together.
  package var totalSeconds: Double { seconds.reduce(0) { $0 + ($1.1.number ?? 0) } }
}

/// An evaluation of the validation rows.
package struct EvaluationEvent: RunEvent {
  package static let name = "eval"
  package static let fields: [JSONField<Self>] = [
    JSONField("step", \.step), JSONField("epoch", \.epoch),
    JSONField(
      write: { event, object in
        for metric in event.metrics { object[metric.name.logKey] = .double(metric.value) }
      },
      read: { object, event in
        event.metrics = object.compactMap { key, value in
          MetricName(logKey: key).flatMap { name in value.number.map { Metric(name, $0) } }
        }
        return true
      }),
    JSONField("is_best", \.isBest),
  ]
  package var step = 0
  package var epoch = 0.0
  package var metrics: [Metric] = []
  /// Whether the model is the best so far.
  package var isBest = false
  package init() {}
}

/// A checkpoint has its name.
package struct CheckpointEvent: RunEvent {
  package static let name = "checkpoint"
  package static let fields: [JSONField<Self>] = [
    JSONField("step", \.step), JSONField("megabytes", \.megabytes),
    JSONField("pause_seconds", \.pauseSeconds),
  ]
  package var step = 0
  package var megabytes = 0.0
  /// How long training stood still for it.
  package var pauseSeconds = 0.0
  package init() {}
}

/// The disk refused a checkpoint or the best model; the run goes on.
package struct SaveFailedEvent: RunEvent {
  package static let name = "save_failed"
  package static let fields: [JSONField<Self>] = [
    JSONField("step", \.step), JSONField("what", \.what), JSONField("reason", \.reason),
  ]
  package var step = 0
  package var what = ""
  package var reason = ""
  package init() {}
}

/// A step has updated nothing, because its loss or gradient is not finite.
package struct SkippedStepEvent: RunEvent {
  package static let name = "skipped_step"
  package static let fields: [JSONField<Self>] = [
    JSONField("step", \.step), JSONField("loss", \.loss), JSONField("grad_norm", \.gradientNorm),
    JSONField("cause", \.cause), JSONField("skipped_steps", \.skippedSteps),
  ]
  package var step = 0
  package var loss = 0.0
  package var gradientNorm = 0.0
  package var cause = ""
  /// This one included.
  package var skippedSteps = 0
  package init() {}
}

/// The loss of a step is far above those before it.
package struct LossSpikeEvent: RunEvent {
  package static let name = "loss_spike"
  package static let fields: [JSONField<Self>] = [
    JSONField("step", \.step), JSONField("loss", \.loss), JSONField("grad_norm", \.gradientNorm),
    JSONField("mean_loss", \.meanLoss),
  ]
  package var step = 0
  package var loss = 0.0
  package var gradientNorm = 0.0
  /// The running mean, this step included.
  package var meanLoss = 0.0
  package init() {}
}

/// The last evaluation ends the run.
package struct EarlyStopEvent: RunEvent {
  package static let name = "early_stop"
  package static let fields: [JSONField<Self>] = [
    JSONField("step", \.step), JSONField("best_step", \.bestStep),
    JSONField("best_value", \.bestValue),
  ]
  package var step = 0
  package var bestStep: Int?
  package var bestValue: Double?
  package init() {}
}

/// The run has its results.
package struct EndEvent: RunEvent {
  package static let name = "end"
  package static let fields: [JSONField<Self>] = [
    JSONField("step", \.step), JSONField("reason", \.reason),
    JSONField("peak_memory_mb", \.peakMemory),
  ]
  package var step = 0
  package var reason = RunEnd.finished
  /// Of each rank, in MB.
  package var peakMemory: [Int] = []
  package init() {}
}

/// Why a run ended.
package enum RunEnd: String, JSONConvertible {
  case finished
  case stoppedEarly = "early_stop"
  /// It fell behind other runs of a sweep.
  case pruned
  case signaled
}
