import Memory

/// Cuts views of named tensors out of a buffer that holds one bucket, or all of them.
package struct SlotReader {
  private let base: Vector<Float>
  private let origin: Int
  private var slots: ArraySlice<ParameterSlot>

  /// - Parameters:
  ///   - base: the floats of the bucket, or of all parameters.
  ///   - origin: where `base` begins in the layout.
  init(_ layout: ParameterLayout, bucket: Int, base: Vector<Float>, origin: Int) {
    self.init(layout, buckets: bucket...bucket, base: base, origin: origin)
  }

  /// Cuts views out of several buckets that follow one another.
  init(_ layout: ParameterLayout, buckets: ClosedRange<Int>, base: Vector<Float>, origin: Int) {
    self.base = base
    self.origin = origin
    let first = layout.buckets[buckets.lowerBound].slots.lowerBound
    slots = layout.slots[first..<layout.buckets[buckets.upperBound].slots.upperBound]
  }

  /// All but the next `count` tensors.
  func dropFirst(_ count: Int) -> SlotReader {
    var reader = self
    reader.slots = slots.dropFirst(count)
    return reader
  }

  /// The next `count` tensors as one vector.
  mutating func vector(_ count: Int = 1) -> Vector<Float> {
    let taken = slots.prefix(count)
    slots = slots.dropFirst(count)
    guard let first = taken.first, let last = taken.last else {
      preconditionFailure("the bucket has no more tensors")
    }
    return base[first.range.lowerBound - origin..<last.range.upperBound - origin]
  }

  /// The next `count` tensors, which share their number of columns, as one matrix.
  mutating func matrix(_ count: Int = 1) -> Matrix<Float> {
    guard let columns = slots.first?.shape.last else {
      preconditionFailure("the bucket has no more tensors")
    }
    let values = vector(count)
    return values.matrix(values.count / columns, columns)
  }
}
