// The pooler reads nothing but each row's first token, and so the last layer of a BERT with a pooler
// needs nothing but its first tokens' output. Keys and values are of all tokens still; queries, dense
// parts, GELU and LayerNorm are of first tokens, and with them the products of their backward pass.

import Kernels

/// Which tokens a layer computes its output for.
enum QueryRange {
  case allTokens
  case firstTokens

  /// Of the layer `index`.
  init(ofLayer index: Int, _ configuration: BertConfiguration, _ pooling: Pooling) {
    self = index == configuration.layerCount - 1 && pooling == .cls ? .firstTokens : .allTokens
  }

  /// How many these are.
  func count(tokens: Int, rows: Int) -> Int { self == .allTokens ? tokens : rows }

  /// The rows that consist of them.
  func rows(_ rows: RaggedRows) -> RaggedRows { self == .allTokens ? rows : rows.singleTokens }
}

extension RaggedRows {
  /// The same rows as single vectors: their first tokens, or what pooling made of them.
  var singleTokens: RaggedRows {
    RaggedRows(offsets: Array(0...count), keys: keys)
  }
}
