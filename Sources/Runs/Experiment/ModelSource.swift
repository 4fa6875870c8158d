// The seam between a run and the kinds of models: a new kind is a `Classifier` in Models, a source
// that finds, makes and saves it, and a line in ModelSources/ModelSourceRegistry.swift.

import Collectives
import Configuration
import Models
import Storage
import Text
import Training

/// A model that a configuration names, before its weights are read.
package protocol ModelSource {
  /// What is trained.
  associatedtype Model: Classifier

  /// What to call it in messages.
  var name: String { get }
  /// Its size in a few words.
  var summary: String { get }
  /// H of the encoder; nil of a model without one.
  var hiddenSize: Int? { get }
  /// How a saved model is used elsewhere.
  var usage: ModelUsage { get }

  /// What turns texts into what the model reads, its form checked.
  func rowEncoder(_ settings: ModelSettings, _ inputs: SharedInputs) throws -> RowEncoder

  /// The model with its weights.
  /// - Returns: the model, and which of its parts were there before.
  func model(for experiment: Experiment) throws -> (model: Model, parts: LoadedParts)
  /// What a user should know of the parts.
  func notes(_ parts: LoadedParts) -> [String]

  /// Bytes of what `prepared` adds to the data, in the memory of a rank.
  func inputBytes(_ experiment: Experiment) -> Int
  /// The experiment's task with whatever the model reads of rows besides their tokens. Collective.
  func prepared(
    _ experiment: Experiment, for model: Model, _ communicator: Communicator, _ log: RunLog
  ) throws -> TrainingTask

  /// Whether the model saved at `path`, a checkpoint of a run with a model of this source, has the
  /// same shape and all weights: then it makes no difference which directory the run began with.
  func isWhole(at path: String) -> Bool

  /// Writes config.json, weights and code into a directory being written. Returns
  /// the files' records.
  func save(
    _ model: Model, labels: [String], into directory: PendingDirectory
  ) throws -> [FileRecord]
}

extension ModelSource {
  /// Another directory is another model.
  func isWhole(at path: String) -> Bool { false }

  /// Tokens are enough.
  func inputBytes(_ experiment: Experiment) -> Int { 0 }

  /// Tokens are enough.
  func prepared(
    _ experiment: Experiment, for model: Model, _ communicator: Communicator, _ log: RunLog
  ) -> TrainingTask { experiment.task }
}
