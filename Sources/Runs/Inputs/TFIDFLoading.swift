// TF-IDF features: n-grams are counted and looked up by all ranks, each for a part of the rows.
// What comes out does not depend on their number.

import Collectives
import Data
import Memory
import Reporting
import Text

/// The n-grams that training rows have often enough, and how rows are read by them.
package struct TFIDFInputs {
  let vocabulary: NGramVocabulary

  /// The file of the n-grams, in a saved model.
  package static let fileName = "features.tsv"
}

/// Makes TF-IDF features of rows whose texts are kept.
package struct TFIDFLoading {
  let communicator: Communicator

  package init(communicator: Communicator) { self.communicator = communicator }

  /// The n-grams of the rows of `dataset`. Throws if none is frequent enough.
  func vocabulary(
    of dataset: Dataset, _ settings: NGramSettings
  ) throws -> NGramVocabulary {
    var counts = NGramCounts(settings)
    for row in part(of: dataset.rowCount) {
      dataset.stored.withText(dataset.storedRow(row)) { counts.add(utf8: $0) }
    }
    let parts = try communicator.allGather(counts.serialized)
    let vocabulary = try communicator.everyRank { () throws -> NGramVocabulary in
      var whole = NGramCounts(settings)
      for part in parts { whole.merge(try NGramCounts(serialized: part)) }
      return NGramVocabulary(whole)
    }
    guard vocabulary.count > 0 else {
      throw Failure(
        .badData,
        "no n-gram of words is in \(settings.minimumDocumentFrequency) training rows or more, so "
          + "there is nothing to learn from: lower min_df, or look at data.text_column")
    }
    return vocabulary
  }

  /// The features of all stored rows. `[N, F]`
  package func features(of rows: StoredRows, _ vocabulary: NGramVocabulary) throws -> SparseMatrix {
    var (ids, values, ends) = ([Int32](), [Float](), [Int64]())
    for row in part(of: rows.rowCount) {
      rows.withText(row) { vocabulary.features(utf8: $0, ids: &ids, values: &values) }
      ends.append(Int64(ids.count))
    }
    let counts = zip(ends, [0] + ends).map { Int32($0 - $1) }
    let ranks = 0..<communicator.worldSize
    let rowCounts = ranks.map { part(of: rows.rowCount, rank: $0).count }
    let allCounts = try communicator.gatherParts(Vector(counts), counts: rowCounts)
    let totals = allCounts.map { Int($0.array.reduce(0 as Int64) { $0 + Int64($1) }) }
    let allIDs = try communicator.gatherParts(Vector(ids), counts: totals)
    let allValues = try communicator.gatherParts(Vector(values), counts: totals)
    return SparseMatrix(
      appending: zip(allCounts, zip(allIDs, allValues)).map { ($0, $1.0, $1.1) },
      columnCount: vocabulary.count)
  }

  /// The rows that a rank reads.
  private func part(of rowCount: Int, rank: Int? = nil) -> Range<Int> {
    let (rank, ranks) = (rank ?? communicator.rank, communicator.worldSize)
    return rowCount * rank / ranks..<rowCount * (rank + 1) / ranks
  }
}
