// Why a label was given: the features of a row that add most to its logit.

import Data
import Memory

/// What one feature of a row says of a label.
public struct FeatureContribution: Equatable, Sendable {
  /// The feature's number.
  public let feature: Int
  /// Its value in the row times its weight: what it adds to the label's logit.
  public let logit: Float
}

extension LinearPart {
  /// The features of a row that add most to a label's logit, the greatest first; fewer than `limit`
  /// if fewer speak for it.
  /// - Parameter features: of a batch's rows. `[B, F]`
  public func reasons(
    for label: Int, ofRow row: Int, in features: SparseMatrix, limit: Int
  ) -> [FeatureContribution] {
    guard let weights else { return [] }
    let all = features.range(row).compactMap { place -> FeatureContribution? in
      let feature = Int(features.columns[place])
      guard let weight = weights.value(row: feature, column: label), weight > 0 else { return nil }
      return FeatureContribution(feature: feature, logit: weight * features.values[place])
    }
    return Array(all.sorted { ($1.logit, $0.feature) < ($0.logit, $1.feature) }.prefix(limit))
  }
}

extension Classifier {
  /// The features of a row that add most to a label's logit; empty if the model's features have
  /// no names. See `LinearPart.reasons`.
  public func reasons(
    for label: Int, ofRow row: Int, of batch: Batch, limit: Int
  ) -> [FeatureContribution] {
    guard let features = batch.tfidf, let part = shardedPart as? LinearPart else {
      return []
    }
    return part.reasons(for: label, ofRow: row, in: features, limit: limit)
  }
}
