// A linear model on TF-IDF features.

import Configuration
import Kernels
import Memory
import Models
import Objectives
import Storage
import Text

/// The linear model that a configuration asks for.
struct LinearSource: ModelSource {
  let name = "linear"
  let summary = "TF-IDF features of words"
  let hiddenSize: Int? = nil
  let usage = ModelUsage.linear

  func rowEncoder(_ settings: ModelSettings, _ inputs: SharedInputs) -> RowEncoder { .texts }

  func model(for experiment: Experiment) -> (model: LinearClassifier, parts: LoadedParts) {
    guard let linear = experiment.linearPart else {
      preconditionFailure("an experiment with a linear model has a vocabulary")
    }
    let model = LinearClassifier(linear)
    model.setBias(experiment.classifierBias)
    return (model, LoadedParts(hasClassifier: false, hasPooler: true))
  }

  func notes(_ parts: LoadedParts) -> [String] { [] }

  func save(
    _ model: LinearClassifier, labels: [String], into directory: PendingDirectory
  ) throws -> [FileRecord] {
    try model.save(labels: labels, into: directory)
  }
}
