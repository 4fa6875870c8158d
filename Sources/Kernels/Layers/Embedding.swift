// Look-up of word, position and type embeddings, and the gradient of the positions'. That of the
// words is in SparseRows.swift.

import Memory

/// The embeddings that are added up for a token.
public struct EmbeddingTables {
  /// `[V, H]`
  public let word: Matrix<Float>
  /// `[N, H]` with N at least the longest row.
  public let position: Matrix<Float>
  /// The embedding of the first token type, which every token has. `[H]`
  public let type: Vector<Float>

  /// See the properties.
  public init(word: Matrix<Float>, position: Matrix<Float>, type: Vector<Float>) {
    self.word = word
    self.position = position
    self.type = type
  }
}

/// output[t] = word[id_t] + position[place of t in its row] + type.
/// - Parameters:
///   - tokenIDs: `[T]`, each below V (the caller has checked the data once).
///   - output: `[T, H]`
public func embeddingForward(
  tokenIDs: Vector<Int32>, rows: RaggedRows, tables: EmbeddingTables, output: Matrix<Float>
) {
  let timer = KernelTimer(.embedding)
  defer { timer.stop() }
  let (word, position, type) = (tables.word, tables.position, tables.type)
  let width = output.columns
  precondition(tokenIDs.count == output.rows && rows.tokenCount == output.rows)
  precondition(word.columns == width && position.columns == width && type.count == width)
  precondition(rows.longest <= position.rows)
  for row in 0..<rows.count {
    let first = rows.offsets[row]
    for token in first..<rows.offsets[row + 1] {
      let id = Int(tokenIDs.pointer[token])
      precondition(id >= 0 && id < word.rows, "token id \(id) is outside of the vocabulary")
      let wordRow = word.pointer + id * word.stride
      let placeRow = position.pointer + (token - first) * position.stride
      let target = output.pointer + token * output.stride
      forEachVector(width) { i, lanes in
        let sum = load(wordRow + i, lanes) + load(placeRow + i, lanes)
        store(sum + load(type.pointer + i, lanes), target + i, lanes)
      }
    }
  }
}

/// Adds each token's gradient to that of its place: `gradient [T, H]`, `positionGradient [N, H]`.
public func addPositionGradients(
  _ gradient: Matrix<Float>, rows: RaggedRows, into positionGradient: Matrix<Float>
) {
  let timer = KernelTimer(.embedding)
  defer { timer.stop() }
  precondition(rows.longest <= positionGradient.rows)
  for row in 0..<rows.count {
    let span = rows.offsets[row]..<rows.offsets[row + 1]
    for token in span {
      add(gradient.row(token), into: positionGradient.row(token - span.lowerBound))
    }
  }
}
