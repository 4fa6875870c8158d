// Which keys a query attends to, and what their distance adds to its scores.
//
// n tokens of a row, w the window's half, A heads.

import Memory

/// Which keys a query attends to.
public enum AttentionExtent {
  /// All of its row.
  case all
  /// All of its row, and scores have something added that depends on the distance.
  case relative(RelativePositions)
  /// Those at most so many tokens away. Time and memory grow with the row's length times the
  /// window's, not with the square of the length.
  case window(Int)
}

/// The keys that the queries of a block attend to.
struct KeySpan {
  /// A multiple of 32, so that operands can be read from there on.
  let first: Int
  let count: Int
}

extension AttentionPass {
  /// The keys of the block of queries that begins at `block`.
  func keys(_ head: AttentionHead, block: Int) -> KeySpan {
    guard case .window(let half) = inputs.extent else {
      return KeySpan(first: 0, count: head.tokens)
    }
    let first = max(0, block - half) / tileSize * tileSize
    let end = min(head.tokens, block + head.queries(in: block) + half)
    return KeySpan(first: first, count: end - first)
  }

  /// Keys of a line of scores at most.
  func lineTokens(_ tokens: Int) -> Int {
    guard case .window(let half) = inputs.extent else { return tokens }
    return min(tokens, queryBlock + 2 * half + tileSize - 1)
  }

  /// Makes scores of products of queries and keys: adds what distances do, and takes out keys
  /// beyond the window.
  /// - Parameter scores: of the block's queries, a line each.
  func finish(_ scores: PackedRows<Float>, _ head: AttentionHead, block: Int, _ keys: KeySpan) {
    switch inputs.extent {
    case .all: break
    case .relative(let positions):
      for query in 0..<head.queries(in: block) {
        let added = positions.line(head.index) + (keys.first - (block + query))
        let line = scores.pointer + query * scores.stride
        forEachVector(keys.count) { i, _ in store(load(line + i) + load(added + i), line + i) }
      }
    case .window(let half):
      for query in 0..<head.queries(in: block) {
        let line = scores.pointer + query * scores.stride
        let place = block + query - keys.first
        let (low, high) = (max(0, place - half), min(keys.count, place + half + 1))
        line.update(repeating: beyondWindow, count: low)
        (line + high).update(repeating: beyondWindow, count: scores.stride - high)
      }
    }
  }

  /// Where the gradients of a query's scores are added for what their distances add, from the first
  /// of its keys on; nil where distances add nothing.
  /// - Parameter query: its number in the row.
  func distances(
    _ head: AttentionHead, query: Int, _ keys: KeySpan, _ gradients: AttentionGradients
  ) -> UnsafeMutablePointer<Float>? {
    guard let sums = gradients.relative, case .relative(let positions) = inputs.extent else {
      return nil
    }
    return sums.pointer + positions.place(head.index) + (keys.first - query)
  }
}

/// Adds 16 gradients to those of their distances, if there are any.
@inline(__always)
func add(_ gradient: Lanes, toDistances place: UnsafeMutablePointer<Float>?, at index: Int) {
  guard let place else { return }
  store(load(place + index) + gradient, place + index)
}

/// The score of a key that a query does not attend to: its probability is 2⁻¹²⁶, of which no sum
/// of probabilities knows. A finite one, because 0 · ∞ is not a number.
private let beyondWindow: Float = -1e30
