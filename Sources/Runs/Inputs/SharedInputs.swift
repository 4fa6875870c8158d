// What several experiments of one process read alike is read once.

import Collectives
import Configuration
import Data
import Memory
import Storage
import Text

/// Tokenizers, encoded rows and features of rows, kept for the next experiment that asks for the
/// same.
package final class SharedInputs {
  private var tokenizers: [String: any Tokenizer] = [:]
  private var rows: [String: LoadedRows] = [:]
  private var features: [FeatureKey: Matrix<Float>] = [:]
  private var vocabularies: [String: NGramVocabulary] = [:]
  private var tfidf: [String: SparseMatrix] = [:]

  package init() {}

  /// The tokenizer of a model. `make` is called, on every rank, if it is not there yet.
  func tokenizer(
    _ settings: ModelSettings, make: () throws -> any Tokenizer
  ) rethrows -> any Tokenizer {
    let key = settings.nameOrPath ?? "vocab \(settings.vocab ?? "")"
    if let known = tokenizers[key] { return known }
    let tokenizer = try make()
    tokenizers[key] = tokenizer
    return tokenizer
  }

  /// The rows of a file. Collective, as `DataLoading.rows`.
  func rows(of path: String, _ loading: DataLoading) throws -> LoadedRows {
    let key = "\(path) \(loading.content.identity) \(loading.columns)"
    if let known = rows[key] { return known }
    let loaded = try loading.rows(of: path)
    rows[key] = loaded
    return loaded
  }

  /// The n-grams of training rows. Collective, as `TFIDFLoading.vocabulary`.
  func vocabulary(
    of dataset: Dataset, _ settings: NGramSettings, _ loading: TFIDFLoading
  ) throws -> NGramVocabulary {
    let key = "\(dataset.fingerprint) \(dataset.rowCount) \(settings.identity)"
    if let known = vocabularies[key] { return known }
    let loaded = try loading.vocabulary(of: dataset, settings)
    vocabularies[key] = loaded
    return loaded
  }

  /// The TF-IDF features of rows. Collective, as `TFIDFLoading.features`.
  func tfidf(
    of rows: StoredRows, _ vocabulary: NGramVocabulary, _ loading: TFIDFLoading
  ) throws -> SparseMatrix {
    let key = "\(rows.textFingerprint) \(vocabulary.fingerprint)"
    if let known = tfidf[key] { return known }
    let loaded = try loading.features(of: rows, vocabulary)
    tfidf[key] = loaded
    return loaded
  }

  /// The features of rows. Collective, as `FeatureLoading.features`.
  /// - Parameter announce: called before they are computed.
  func features(
    of rows: StoredRows, _ loading: FeatureLoading, announce: () -> Void
  ) throws -> Matrix<Float> {
    let key = loading.key(rows)
    if let known = features[key] { return known }
    let loaded = try loading.features(of: rows, key, announce: announce)
    features[key] = loaded
    return loaded
  }
}
