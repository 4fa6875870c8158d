import Data
import Models
import Reporting

/// A saved model that is to be a part of an ensemble, and labeled rows as it reads them.
struct EnsembleMember {
  let path: String
  let loaded: LoadedModel
  let part: EnsembleScores.Part

  /// A model that is loaded already.
  init(_ session: InferenceSession, path: String) {
    self.path = path
    loaded = session.loaded
    part = .init(model: session.model, dataset: session.dataset)
  }

  /// Loads a model for rows that have what it reads.
  init(path: String, dataset: Dataset) throws {
    self.path = path
    loaded = try LoadedModel(path: path)
    part = .init(
      model: try loaded.model(for: [dataset], batchTokens: InferenceSession.batchTokens).0,
      dataset: dataset)
  }
}
