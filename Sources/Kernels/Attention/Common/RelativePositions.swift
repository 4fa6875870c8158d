// What the distance of two tokens adds to their score, as MPNet has it (Song et al. 2020, after
// T5, Raffel et al. 2020): distances fall into 32 buckets, and each bucket has a trained number for
// each head.
//
// Over the keys of a query the numbers are a line by distance, which serves all queries: that of
// query i begins i places earlier. So no matrix of queries × keys is made of them, and their
// gradients are added up along the diagonals of the scores' gradients.
//
// A heads, L tokens of the longest row.

import Foundation
import Memory

/// The numbers of a table, in lines by distance.
public final class RelativePositions {
  /// Buckets of distances.
  public static let bucketCount = 32
  private static let farthestExact = 8
  private static let farthest: Float = 128

  /// `[buckets, A]`
  private let table: Matrix<Float>
  private let longestRow: Int
  private let stride: Int
  private let lines: Vector<Float>

  /// For rows of up to `longestRow` tokens.
  /// - Parameter table: `[buckets, A]` with at least `bucketCount` rows.
  public init(table: Matrix<Float>, longestRow: Int) {
    precondition(table.rows >= Self.bucketCount && longestRow > 0)
    self.table = table
    self.longestRow = longestRow
    // Whole tiles of keys are read and written behind the last one.
    stride = roundUp(2 * longestRow + tileSize, laneCount)
    lines = Vector(zeros: table.columns * stride)
  }

  /// Floats of the gradients by distance, which `sum` makes those of the table of.
  public var gradientCount: Int { lines.count }

  /// Takes the table's present numbers.
  public func prepare() {
    for head in 0..<table.columns {
      for distance in 1 - longestRow..<longestRow {
        lines[place(head) + distance] = table[Self.bucket(distance), head] * log2e
      }
    }
  }

  /// Sets the table's gradient `[buckets, A]` from those by distance.
  public func sum(_ gradients: Vector<Float>, into target: Matrix<Float>) {
    precondition(gradients.count == gradientCount)
    target.vector.fill(0)
    for head in 0..<table.columns {
      for distance in 1 - longestRow..<longestRow {
        target[Self.bucket(distance), head] += gradients[place(head) + distance]
      }
    }
  }

  /// The bucket of a distance, that of a key's place from its query's: up to 7 its own, then
  /// logarithmically wider ones up to 128; those of later keys are the upper half.
  package static func bucket(_ distance: Int) -> Int {
    let (half, magnitude) = (bucketCount / 2, abs(distance))
    let upper = distance > 0 ? half : 0
    guard magnitude >= farthestExact else { return upper + magnitude }
    let exact = Float(farthestExact)
    let share = logf(Float(magnitude) / exact) / logf(farthest / exact)
    return upper + min(farthestExact + Int(share * Float(half - farthestExact)), half - 1)
  }

  /// Where a head's number of distance 0 lies.
  @inline(__always)
  func place(_ head: Int) -> Int { head * stride + longestRow }

  /// A head's numbers for powers of two, from distance 0 on; earlier ones lie before.
  @inline(__always)
  func line(_ head: Int) -> UnsafePointer<Float> { UnsafePointer(lines.pointer + place(head)) }

  func check(heads: Int, longestRow: Int) {
    precondition(table.columns == heads && longestRow <= self.longestRow)
  }
}
