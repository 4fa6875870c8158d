// Rotary positions (Su et al. 2021): a query or key x at place p becomes R(p)·x, where R(p) turns
// each pair (xᵢ, xᵢ₊ₕ), h half the head's size, by the angle p·base^(−i/h). The product of a query
// and a key then depends on their distance. R(p) is orthogonal: gradients are turned back by R(p)ᵀ.
//
// T tokens, H hidden size, h half the size of a head.

import Foundation
import Memory

/// Cosines and sines of the angles of all places.
public final class RotaryPositions {
  /// `[places, h]`
  private let cosines: Matrix<Float>
  private let sines: Matrix<Float>

  /// For rows of up to `longestRow` tokens.
  /// - Parameter headSize: an even number.
  public init(base: Double, headSize: Int, longestRow: Int) {
    precondition(headSize % 2 == 0 && longestRow > 0)
    let half = headSize / 2
    cosines = Matrix(zeros: longestRow, half)
    sines = Matrix(zeros: longestRow, half)
    for i in 0..<half {
      // In single precision step by step, as PyTorch computes them: at far places the rounding of
      // an angle shows.
      let frequency = 1 / powf(Float(base), Float(2 * i) / Float(headSize))
      for place in 0..<longestRow {
        let angle = Double(Float(place) * frequency)
        cosines[place, i] = Float(cos(angle))
        sines[place, i] = Float(sin(angle))
      }
    }
  }

  fileprivate var half: Int { cosines.columns }

  fileprivate func check(longestRow: Int, columns: Int) {
    precondition(longestRow <= cosines.rows && columns % (2 * half) == 0)
  }

  fileprivate func line(_ place: Int) -> (
    cosines: UnsafePointer<Float>, sines: UnsafePointer<Float>
  ) {
    (
      UnsafePointer(cosines.pointer + place * cosines.stride),
      UnsafePointer(sines.pointer + place * sines.stride)
    )
  }
}

/// values = R(place)·(values + bias), in place: queries or keys of all heads, `[T, H]`.
/// - Parameters:
///   - bias: `[H]`; nil for none.
///   - positions: nil for no rotation, which is for values.
public func rotate(
  _ values: Operand, bias: Vector<Float>?, by positions: RotaryPositions?, rows: RaggedRows
) {
  guard bias != nil || positions != nil else { return }
  run(values, rows, Rotation(positions: positions, direction: 1, bias: bias, sums: nil))
}

/// gradients = R(place)ᵀ·gradients, in place; their sums over tokens, before any rounding, are
/// added to `sums [H]`, if there are any.
public func rotateBack(
  _ gradients: Operand, sums: Vector<Float>?, by positions: RotaryPositions?, rows: RaggedRows
) {
  guard sums != nil || positions != nil else { return }
  run(gradients, rows, Rotation(positions: positions, direction: -1, bias: nil, sums: sums))
}

private func run(_ values: Operand, _ rows: RaggedRows, _ rotation: Rotation) {
  let timer = KernelTimer(.rotation)
  defer { timer.stop() }
  precondition(values.rows == rows.tokenCount)
  rotation.check(longestRow: rows.longest, columns: values.columns)
  switch values {
  case .float32(let values): rotation.run(values, rows)
  case .bfloat16(let values): rotation.run(values, rows)
  }
}

/// What is done to each token: forward with a bias, backward with sums.
private struct Rotation {
  let positions: RotaryPositions?
  /// −1 turns back.
  let direction: Float
  let bias: Vector<Float>?
  let sums: Vector<Float>?

  func check(longestRow: Int, columns: Int) {
    positions?.check(longestRow: longestRow, columns: columns)
    precondition(bias.map { $0.count == columns } ?? true)
    precondition(sums.map { $0.count == columns } ?? true)
  }

  func run<Value: StorableLanes>(_ values: Matrix<Value>, _ rows: RaggedRows) {
    for row in 0..<rows.count {
      let tokens = rows.offsets[row]..<rows.offsets[row + 1]
      for token in tokens {
        let line = values.pointer + token * values.stride
        if let bias {
          add(bias.pointer, to: line, count: values.columns)
        }
        if let positions {
          turn(line, values.columns, positions, token - tokens.lowerBound)
        }
        if let sums { add(line, to: sums.pointer, count: values.columns) }
      }
    }
  }

  @inline(__always)
  private func add<Source: StorableLanes, Value: StorableLanes>(
    _ source: UnsafePointer<Source>, to line: UnsafeMutablePointer<Value>, count: Int
  ) {
    forEachVector(count) { i, lanes in
      Value.store(Value.load(line + i, lanes) + Source.load(source + i, lanes), line + i, lanes)
    }
  }

  @inline(__always)
  private func turn<Value: StorableLanes>(
    _ line: UnsafeMutablePointer<Value>, _ columns: Int, _ positions: RotaryPositions, _ place: Int
  ) {
    let half = positions.half
    let (cosines, sines) = positions.line(place)
    for head in stride(from: 0, to: columns, by: 2 * half) {
      let (first, second) = (line + head, line + head + half)
      forEachVector(half) { i, lanes in
        let (a, b) = (Value.load(first + i, lanes), Value.load(second + i, lanes))
        let (cosine, sine) = (load(cosines + i, lanes), load(sines + i, lanes) * direction)
        Value.store(a * cosine - b * sine, first + i, lanes)
        Value.store(b * cosine + a * sine, second + i, lanes)
      }
    }
  }
}
