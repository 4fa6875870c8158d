// Weights of which most are zero: what is left of a block's weights, and logits by them.

import CVector
import Memory

/// logits[b] += Σ_f features[b, f] · weights[f], features in ascending order.
/// - Parameters:
///   - features: `[B, F]`
///   - weights: `[F, L]`
///   - logits: `[B, L]`
public func addSparseProduct(
  _ features: SparseMatrix, _ weights: SparseMatrix, into logits: Matrix<Float>
) {
  let timer = KernelTimer(.sparseProduct)
  defer { timer.stop() }
  precondition(features.columnCount == weights.rows && weights.columnCount == logits.columns)
  precondition(features.rows == logits.rows)
  let (offsets, labels) = (weights.offsets.pointer, weights.columns.pointer)
  let values = weights.values.pointer
  for row in 0..<features.rows {
    let target = logits.pointer + row * logits.stride
    for place in features.range(row) {
      let feature = Int(features.columns.pointer[place])
      let value = features.values.pointer[place]
      for entry in Int(offsets[feature])..<Int(offsets[feature + 1]) {
        target[Int(labels[entry])] += value * values[entry]
      }
    }
  }
}

/// The weights of consecutive blocks of labels that are not to be taken for zero.
public struct PrunedWeights {
  /// How many weights each feature keeps. `[F]`
  public let counts: Vector<Int32>
  /// Their labels, ascending, feature by feature.
  public let labels: Vector<Int32>
  /// Their values, likewise.
  public let values: Vector<Float>

  /// Keeps scale · w if its absolute value is `cutoff` or more, and no zeros. NaN is kept, so
  /// that it shows.
  /// - Parameters:
  ///   - blocks: consecutive blocks `[F, W]`.
  ///   - labels: from the first label of the first block to the last label of all; what a block has
  ///     beyond belongs to no label.
  ///   - featureCount: F.
  public init(
    _ blocks: [Matrix<Float>], labels range: Range<Int>, featureCount: Int, scale: Float,
    cutoff: Float
  ) {
    let timer = KernelTimer(.sparseProduct)
    defer { timer.stop() }
    let least = max(cutoff, .leastNonzeroMagnitude)
    counts = Vector(zeros: featureCount)
    func forEachKept(_ body: (_ feature: Int, _ label: Int, _ value: Float) -> Void) {
      for feature in 0..<featureCount {
        for (index, block) in blocks.enumerated() {
          let row = block.pointer + feature * block.stride
          let first = range.lowerBound + index * labelBlockWidth
          for offset in stride(from: 0, to: labelBlockWidth, by: laneCount) {
            let lanes = load(row + offset) * scale
            var sizes = vector_abs(lanes)
            sizes.replace(with: .infinity, where: sizes .!= sizes)
            // Most vectors keep nothing.
            guard vector_largest(sizes) >= least else { continue }
            for lane in 0..<laneCount where sizes[lane] >= least {
              let label = first + offset + lane
              if label < range.upperBound { body(feature, label, lanes[lane]) }
            }
          }
        }
      }
    }
    var total = 0
    let counts = counts.pointer
    forEachKept { feature, _, _ in
      counts[feature] += 1
      total += 1
    }
    labels = Vector(zeros: total)
    values = Vector(zeros: total)
    let (labels, values) = (labels.pointer, values.pointer)
    var next = 0
    forEachKept { _, label, value in
      labels[next] = Int32(label)
      values[next] = value
      next += 1
    }
  }
}

/// Rows that lie in several parts, each with some of the columns: row after row, part after part.
/// - Parameters:
///   - counts: values of each row in each part. `[rows]`
///   - columns: those of each part's values, ascending in each row.
///   - values: likewise.
public func mergeRows(
  counts: [Vector<Int32>], columns: [Vector<Int32>], values: [Vector<Float>], columnCount: Int
) -> SparseMatrix {
  let rows = counts.first?.count ?? 0
  let total = columns.reduce(0) { $0 + $1.count }
  let offsets = Vector<Int64>(zeros: rows + 1)
  let (allColumns, allValues) = (Vector<Int32>(zeros: total), Vector<Float>(zeros: total))
  var places = [Int](repeating: 0, count: counts.count)
  var next = 0
  for row in 0..<rows {
    for part in counts.indices {
      let range = places[part]..<places[part] + Int(counts[part][row])
      allColumns[next..<next + range.count].copy(from: columns[part][range])
      allValues[next..<next + range.count].copy(from: values[part][range])
      next += range.count
      places[part] = range.upperBound
    }
    offsets[row + 1] = Int64(next)
  }
  return SparseMatrix(
    offsets: offsets, columns: allColumns, values: allValues, columnCount: columnCount)
}

/// Writes the values of some columns of a sparse matrix into the columns of a dense one; what has
/// no value stays as it is.
public func scatter(_ matrix: SparseMatrix, columns: Range<Int>, into target: Matrix<Float>) {
  precondition(matrix.rows == target.rows && columns.count <= target.columns)
  for row in 0..<matrix.rows {
    for place in matrix.range(row) {
      let column = Int(matrix.columns.pointer[place])
      guard columns.contains(column) else { continue }
      target.pointer[row * target.stride + column - columns.lowerBound] =
        matrix.values.pointer[place]
    }
  }
}
