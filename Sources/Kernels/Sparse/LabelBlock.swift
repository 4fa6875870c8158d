// Products of sparse rows with the weights of a block of labels: a linear model's forward pass, and
// its gradient. B rows, F features, W = `labelBlockWidth` labels, whose sums stay in registers.
//
// One block's weights are [F, W], so that all rows of a step go through one block while what they
// share of it, the frequent features, is in the cache.

import CVector
import Memory

/// Labels of a block: four vectors of sums, which all processors have registers for, and whole
/// cache lines of weights.
public let labelBlockWidth = 4 * laneCount

/// output[b] = scale · Σ_f features[b, f] · weights[f].
/// - Parameters:
///   - features: `[B, F]`
///   - weights: `[F, W]`
///   - output: `[B, W]`, overwritten.
public func sparseProduct(
  _ features: SparseMatrix, _ weights: Matrix<Float>, scale: Float, into output: Matrix<Float>
) {
  let timer = KernelTimer(.sparseProduct)
  defer { timer.stop() }
  precondition(weights.columns == labelBlockWidth && output.columns == labelBlockWidth)
  precondition(features.columnCount == weights.rows && features.rows == output.rows)
  for row in 0..<features.rows {
    let range = features.range(row)
    var sums = BlockSums()
    sums.add(
      count: range.count, features.columns.pointer + range.lowerBound,
      features.values.pointer + range.lowerBound, rowsOf: weights)
    sums.store(output.pointer + row * output.stride, scale: scale)
  }
}

/// The sum of squares of each touched feature's gradient, which is Σ_b features[b,
/// f] · gradients[b].
/// - Parameters:
///   - features: what touches each feature, rows being those of `gradients`.
///   - gradients: of the logits. `[B, W]`
///   - squares: one number for each touched feature, overwritten.
public func sparseGradientSquares(
  _ features: TransposedFeatures, _ gradients: Matrix<Float>, into squares: Vector<Float>
) {
  let timer = KernelTimer(.sparseProduct)
  defer { timer.stop() }
  precondition(gradients.columns == labelBlockWidth && squares.count == features.count)
  for place in 0..<features.count {
    squares.pointer[place] = features.gradient(place, gradients).sumOfSquares
  }
}

/// weights[f] −= step · Σ_b features[b, f] · gradients[b], for touched features f.
/// - Parameters:
///   - gradients: of the logits. `[B, W]`
///   - weights: `[F, W]`
public func sparseDescent(
  _ features: TransposedFeatures, _ gradients: Matrix<Float>, step: Float, weights: Matrix<Float>
) {
  let timer = KernelTimer(.optimizer)
  defer { timer.stop() }
  precondition(gradients.columns == labelBlockWidth && weights.columns == labelBlockWidth)
  for place in 0..<features.count {
    let feature = Int(features.features[place])
    precondition(feature < weights.rows)
    let row = weights.pointer + feature * weights.stride
    let gradient = features.gradient(place, gradients)
    gradient.subtract(from: row, step: step)
  }
}

/// The sums of W labels. Four named vectors stay in registers; an array of them does not.
struct BlockSums {
  var a = Lanes()
  var b = Lanes()
  var c = Lanes()
  var d = Lanes()

  /// Adds Σ_i values[i] · matrix[rows[i]].
  @inline(__always)
  mutating func add(
    count: Int, _ rows: UnsafePointer<Int32>, _ values: UnsafePointer<Float>,
    rowsOf matrix: Matrix<Float>
  ) {
    let (base, stride) = (matrix.pointer, matrix.stride)
    for index in 0..<count {
      // Rows lie where the text's words put them: no prefetcher foresees the next ones.
      if index + 4 < count {
        let next = base + Int(rows[index + 4]) * stride
        prefetch_line(next)
        prefetch_line(next + laneCount)
        prefetch_line(next + 2 * laneCount)
        prefetch_line(next + 3 * laneCount)
      }
      let row = base + Int(rows[index]) * stride
      let value = Lanes(repeating: values[index])
      a = a.addingProduct(value, load(row))
      b = b.addingProduct(value, load(row + laneCount))
      c = c.addingProduct(value, load(row + 2 * laneCount))
      d = d.addingProduct(value, load(row + 3 * laneCount))
    }
  }

  @inline(__always)
  func store(_ target: UnsafeMutablePointer<Float>, scale: Float) {
    Kernels.store(a * scale, target)
    Kernels.store(b * scale, target + laneCount)
    Kernels.store(c * scale, target + 2 * laneCount)
    Kernels.store(d * scale, target + 3 * laneCount)
  }

  @inline(__always)
  func subtract(from target: UnsafeMutablePointer<Float>, step: Float) {
    let factor = Lanes(repeating: -step)
    Kernels.store(load(target).addingProduct(factor, a), target)
    Kernels.store(load(target + laneCount).addingProduct(factor, b), target + laneCount)
    Kernels.store(load(target + 2 * laneCount).addingProduct(factor, c), target + 2 * laneCount)
    Kernels.store(load(target + 3 * laneCount).addingProduct(factor, d), target + 3 * laneCount)
  }

  @inline(__always)
  var sumOfSquares: Float {
    let squares = (a * a).addingProduct(b, b).addingProduct(c, c).addingProduct(d, d)
    return horizontalSum(squares)
  }
}
