// A BERT whose encoder is frozen as a whole: only its classifier is trained, on features that are
// computed once.

import Collectives
import Configuration
import Data
import Models
import Storage
import Text
import Training

/// The BERT that a configuration names, its encoder frozen.
struct FrozenBertSource: ModelSource {
  private let bert: BertSource

  init(_ bert: BertSource) {
    self.bert = bert
  }

  var name: String { bert.name }
  var summary: String { bert.summary }
  var hiddenSize: Int? { bert.hiddenSize }
  var usage: ModelUsage { bert.usage }

  func rowEncoder(_ settings: ModelSettings, _ inputs: SharedInputs) throws -> RowEncoder {
    try bert.rowEncoder(settings, inputs)
  }

  func model(for experiment: Experiment) throws -> (model: LinearProbe, parts: LoadedParts) {
    let (model, parts) = try bert.model(for: experiment)
    guard parts.hasPooler || bert.directory == nil else {
      throw ConfigurationError.invalid(
        source: "configuration",
        problems: [
          ConfigurationProblem(
            key: "training.freeze_encoder",
            message: "\(name) has no pooler, and a new one must be trained: set model.pooling to "
              + "\"mean\", or freeze_encoder to \(bert.configuration.layerCount)")
        ])
    }
    return (LinearProbe(model), parts)
  }

  func notes(_ parts: LoadedParts) -> [String] {
    bert.notes(parts) + ["the encoder is frozen; rows are read as its features"]
  }

  func save(
    _ model: LinearProbe, labels: [String], into directory: PendingDirectory
  ) throws -> [FileRecord] {
    try bert.save(model.model, labels: labels, into: directory)
  }

  func inputBytes(_ experiment: Experiment) -> Int {
    experiment.task.datasets.reduce(0) { $0 + $1.rowCount } * bert.configuration.hiddenSize
      * MemoryLayout<Float>.size
  }

  func prepared(
    _ experiment: Experiment, for model: LinearProbe, _ communicator: Communicator,
    _ log: RunLog
  ) throws -> TrainingTask {
    let loading = FeatureLoading(
      model.model, communicator, directory: experiment.configuration.cacheDirectory)
    return try experiment.task.mapDatasets { dataset in
      dataset.with(
        features: try experiment.inputs.features(of: dataset.stored, loading) {
          log.message("computing the features of \(dataset.stored.rowCount) rows")
        })
    }
  }
}
