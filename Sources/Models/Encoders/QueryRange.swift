// A pooler reads nothing but each row's first token, and so the last layer below one needs nothing
// but its first tokens' output. Keys and values are of all tokens still; queries, dense parts, GELU
// and LayerNorm are of first tokens, and with them the products of their backward pass.

import Kernels

/// The size of a microbatch.
struct MicrobatchSize {
  /// T
  let tokens: Int
  /// B
  let rows: Int

  init(tokens: Int, rows: Int) {
    self.tokens = tokens
    self.rows = rows
  }

  init(_ rows: RaggedRows) { self.init(tokens: rows.tokenCount, rows: rows.count) }
}

/// Which tokens have queries, and with them an output.
package enum QueryRange {
  case allTokens
  case firstTokens

  /// How many these are.
  func count(_ size: MicrobatchSize) -> Int { self == .allTokens ? size.tokens : size.rows }

  /// The rows that consist of them.
  func rows(_ rows: RaggedRows) -> RaggedRows { self == .allTokens ? rows : rows.singleTokens }
}
