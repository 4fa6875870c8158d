/// A view of `count` values in memory that `owner` keeps alive. Copying it copies the view.
///
/// Element access is checked and meant for tests and for work outside the hot loops; kernels take
/// `pointer` once and loop over it.
public struct Vector<Element: BitwiseCopyable> {
  package let owner: AnyObject
  /// First value. For kernels only: nothing outside Memory, Kernels and Collectives may use it.
  package let pointer: UnsafeMutablePointer<Element>
  /// Number of values.
  public let count: Int

  package init(owner: AnyObject, pointer: UnsafeMutablePointer<Element>, count: Int) {
    self.owner = owner
    self.pointer = pointer
    self.count = count
  }

  /// New memory of `count` values whose bits are all zero.
  public init(zeros count: Int) {
    precondition(count >= 0)
    let memory = AlignedMemory(byteCount: count * MemoryLayout<Element>.stride)
    self.init(
      owner: memory, pointer: memory.base.assumingMemoryBound(to: Element.self), count: count)
  }

  /// New memory holding a copy of `values`.
  public init(_ values: [Element]) {
    self.init(zeros: values.count)
    for (index, value) in values.enumerated() { pointer[index] = value }
  }

  /// The value at `index`, checked.
  public subscript(index: Int) -> Element {
    get {
      precondition(index >= 0 && index < count, "index \(index) out of 0..<\(count)")
      return pointer[index]
    }
    nonmutating set {
      precondition(index >= 0 && index < count, "index \(index) out of 0..<\(count)")
      pointer[index] = newValue
    }
  }

  /// A view of a part, sharing the memory.
  public subscript(range: Range<Int>) -> Vector {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "\(range) out of 0..<\(count)")
    return Vector(owner: owner, pointer: pointer + range.lowerBound, count: range.count)
  }

  /// The values, copied.
  public var array: [Element] {
    Array(UnsafeBufferPointer(start: pointer, count: count))
  }

  /// Sets every value.
  public func fill(_ value: Element) {
    pointer.update(repeating: value, count: count)
  }

  /// Copies the values of another vector of the same count.
  public func copy(from other: Vector) {
    precondition(other.count == count, "copying \(other.count) values into \(count)")
    pointer.update(from: other.pointer, count: count)
  }

  /// Copies the values of an array of the same count.
  public func copy(from values: [Element]) {
    precondition(values.count == count, "copying \(values.count) values into \(count)")
    values.withUnsafeBufferPointer { source in
      guard let base = source.baseAddress else { return }
      pointer.update(from: base, count: count)
    }
  }

  /// The bytes of the values, as they lie in memory (little-endian on every supported machine).
  public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows
    -> Result
  {
    try body(
      UnsafeRawBufferPointer(start: pointer, count: count * MemoryLayout<Element>.stride))
  }
}
