// What several experiments of one process read alike is read once.

import Collectives
import Data
import Storage
import Text

/// Tokenizers and encoded rows, kept for the next experiment that asks for the same.
final class SharedInputs {
  private var tokenizers: [String: WordPieceTokenizer] = [:]
  private var rows: [String: StoredRows] = [:]

  /// The tokenizer of a model. `make` is called, on every rank, where it is not there yet.
  func tokenizer(
    _ settings: ModelSettings, make: () throws -> WordPieceTokenizer
  ) rethrows -> WordPieceTokenizer {
    let key = settings.nameOrPath ?? "vocab \(settings.vocab ?? "")"
    if let known = tokenizers[key] { return known }
    let tokenizer = try make()
    tokenizers[key] = tokenizer
    return tokenizer
  }

  /// The rows of a file. Collective, as `DataLoading.rows`.
  func rows(of path: String, _ loading: DataLoading) throws -> StoredRows {
    let key = "\(path) \(loading.tokenizer.fingerprint) \(loading.maxLength) \(loading.columns)"
    if let known = rows[key] { return known }
    let loaded = try loading.rows(of: path)
    rows[key] = loaded
    return loaded
  }
}
