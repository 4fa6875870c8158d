import Memory

/// Rows laid end to end, without padding. T tokens, B rows.
public struct Batch {
  /// Token ids of all rows `[T]`.
  public let tokenIDs: Vector<Int32>
  /// Where each row begins in `tokenIDs`, and the end of the last `[B + 1]`.
  public let offsets: [Int]
  /// The rows' indices in the dataset `[B]`.
  public let rows: [Int]
  /// The numbers by which the rows' random numbers are keyed `[B]`: those of `rows`, but for a row
  /// that a step takes several times.
  public let keys: [Int]
  /// Where each row's labels begin in `labelIndices`, and the end of the last `[B + 1]`.
  public let labelOffsets: [Int]
  /// The labels that are 1, as indices into the dataset's label set, ascending in each row.
  public let labelIndices: [Int32]
  /// Where each row's unknown labels begin in `unknownIndices`, and the end of the last `[B + 1]`;
  /// empty where all is known.
  public private(set) var unknownOffsets: [Int]
  /// The labels of which nobody knows whether the row has them, as `labelIndices`.
  public private(set) var unknownIndices: [Int32]

  /// The rows' features, where the data set has them. `[B, H]`
  public let features: Matrix<Float>?

  /// TF-IDF features of the rows, if the data set has them. `[B, F]`
  public let tfidf: SparseMatrix?

  /// B.
  public var rowCount: Int { rows.count }
  /// T; where rows are read by the features of their words alone, the number of these.
  public let tokenCount: Int

  /// A batch of tokens and labels that are in memory already; see the properties.
  public init(
    tokenIDs: Vector<Int32>, offsets: [Int], rows: [Int], labelOffsets: [Int],
    labelIndices: [Int32]
  ) {
    precondition(offsets.count == rows.count + 1 && offsets.last == tokenIDs.count)
    precondition(labelOffsets.count == rows.count + 1 && labelOffsets.last == labelIndices.count)
    self.tokenIDs = tokenIDs
    self.offsets = offsets
    self.rows = rows
    keys = rows
    self.labelOffsets = labelOffsets
    self.labelIndices = labelIndices
    (unknownOffsets, unknownIndices) = ([], [])
    features = nil
    tfidf = nil
    tokenCount = tokenIDs.count
  }

  /// The rows of a data set with these indices, in this order. `row + k × rowCount` is the row's
  /// k-th repetition in its step, as `BatchPlan.step` numbers them: the same row with a key of its
  /// own.
  public init(_ dataset: Dataset, rows keys: [Int]) {
    let rows = keys.map { $0 < dataset.rowCount ? $0 : $0 % dataset.rowCount }
    let tokens = dataset.stored.tokens
    var offsets = [0]
    var labelOffsets = [0]
    var labelIndices: [Int32] = []
    offsets.reserveCapacity(rows.count + 1)
    labelOffsets.reserveCapacity(rows.count + 1)
    for row in rows {
      let count = tokens?.range(dataset.storedRow(row)).count ?? 0
      offsets.append((offsets.last ?? 0) + count)
      labelIndices.append(contentsOf: dataset.labelIndices(row))
      labelOffsets.append(labelIndices.count)
    }
    tokenIDs = Vector(zeros: offsets.last ?? 0)
    if let tokens {
      for (position, row) in rows.enumerated() {
        tokenIDs[offsets[position]..<offsets[position + 1]]
          .copy(from: tokens[dataset.storedRow(row)])
      }
    }
    features = dataset.features.map { all in
      let features = Matrix<Float>(zeros: rows.count, all.columns)
      for (position, row) in rows.enumerated() {
        features.row(position).copy(from: all.row(dataset.storedRow(row)))
      }
      return features
    }
    tfidf = dataset.tfidf(rows)
    tokenCount = tokens != nil ? tokenIDs.count : tfidf?.valueCount ?? 0
    self.offsets = offsets
    self.rows = rows
    self.keys = keys
    self.labelOffsets = labelOffsets
    self.labelIndices = labelIndices
    (unknownOffsets, unknownIndices) = Self.unknown(dataset, rows)
  }

  /// The same rows, of which these labels are unknown, row by row.
  public func with(unknown: [[Int32]]) -> Batch {
    precondition(unknown.count == rowCount)
    var copy = self
    copy.unknownOffsets = unknown.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
    copy.unknownIndices = Array(unknown.joined())
    return copy
  }

  private static func unknown(_ dataset: Dataset, _ rows: [Int]) -> ([Int], [Int32]) {
    guard dataset.unknownIndices != nil else { return ([], []) }
    var (offsets, indices) = ([0], [Int32]())
    for row in rows {
      indices.append(contentsOf: dataset.unknownIndices(row))
      offsets.append(indices.count)
    }
    return (offsets, indices)
  }
}
