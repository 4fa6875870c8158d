// Look-up of word, position and type embeddings, and the gradient of the positions'. That of the
// words is in SparseRows.swift.

import Memory

/// The embeddings that are added up for a token.
public struct EmbeddingTables {
  /// `[V, H]`
  public let word: Matrix<Float>
  /// `[N, H]` with a row for each place.
  public let position: Matrix<Float>
  /// The embedding of the first token type, which every token has. `[H]`
  public let type: Vector<Float>
  /// The padding token behind whose number places begin; nil if they begin at 0.
  public let positionPadding: Int?

  /// See the properties.
  public init(
    word: Matrix<Float>, position: Matrix<Float>, type: Vector<Float>, positionPadding: Int? = nil
  ) {
    self.positionPadding = positionPadding
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
  precondition(rows.longest + (tables.positionPadding.map { $0 + 1 } ?? 0) <= position.rows)
  for row in 0..<rows.count {
    var places = RowPlaces(padding: tables.positionPadding)
    for token in rows.offsets[row]..<rows.offsets[row + 1] {
      let id = Int(tokenIDs.pointer[token])
      precondition(id >= 0 && id < word.rows, "token id \(id) is outside of the vocabulary")
      let wordRow = word.pointer + id * word.stride
      let placeRow = position.pointer + places.next(id) * position.stride
      let target = output.pointer + token * output.stride
      forEachVector(width) { i, lanes in
        let sum = load(wordRow + i, lanes) + load(placeRow + i, lanes)
        store(sum + load(type.pointer + i, lanes), target + i, lanes)
      }
    }
  }
}

/// Numbers the places of a row's tokens: from 0 on, or from behind the padding token's number on.
/// Then a padding token inside the row has that number for its place, and is not counted.
private struct RowPlaces {
  let padding: Int?
  private var last: Int

  init(padding: Int?) {
    self.padding = padding
    last = padding ?? -1
  }

  /// The place of the row's next token.
  mutating func next(_ id: Int) -> Int {
    if id == padding { return id }
    last += 1
    return last
  }
}

/// Adds each token's gradient to that of its place: `gradient [T, H]`, `positionGradient [N, H]`.
/// - Parameter padding: as `EmbeddingTables.positionPadding`; the padding's own place has no
///   gradient.
public func addPositionGradients(
  _ gradient: Matrix<Float>, tokenIDs: Vector<Int32>, rows: RaggedRows, padding: Int? = nil,
  into positionGradient: Matrix<Float>
) {
  let timer = KernelTimer(.embedding)
  defer { timer.stop() }
  precondition(rows.longest + (padding.map { $0 + 1 } ?? 0) <= positionGradient.rows)
  for row in 0..<rows.count {
    var places = RowPlaces(padding: padding)
    for token in rows.offsets[row]..<rows.offsets[row + 1] {
      let place = places.next(Int(tokenIDs.pointer[token]))
      if place != padding { add(gradient.row(token), into: positionGradient.row(place)) }
    }
  }
}

/// output[t] = word[id_t], for encoders whose positions are not added.
/// - Parameters:
///   - tokenIDs: `[T]`, each below V.
///   - word: `[V, H]`
///   - output: `[T, H]`
public func wordEmbeddingForward(
  tokenIDs: Vector<Int32>, word: Matrix<Float>, output: Matrix<Float>
) {
  let timer = KernelTimer(.embedding)
  defer { timer.stop() }
  precondition(tokenIDs.count == output.rows && word.columns == output.columns)
  for token in 0..<tokenIDs.count {
    let id = Int(tokenIDs.pointer[token])
    precondition(id >= 0 && id < word.rows, "token id \(id) is outside of the vocabulary")
    output.row(token).copy(from: word.row(id))
  }
}
