import Memory

/// Lists of different lengths, stored end to end while they are collected.
struct RaggedArray<Element: Equatable & Sendable>: Equatable, Sendable {
  /// The elements of all lists.
  private(set) var values: [Element] = []
  /// Where each list ends in `values`.
  private(set) var ends: [Int] = []

  /// No lists.
  init() {}

  /// Lists that end at `ends`, in order, the last one with the values.
  init(values: [Element], ends: [Int]) {
    precondition(ends.last ?? 0 == values.count)
    self.values = values
    self.ends = ends
  }

  /// Number of lists.
  var count: Int { ends.count }

  func range(_ index: Int) -> Range<Int> {
    (index == 0 ? 0 : ends[index - 1])..<ends[index]
  }

  subscript(index: Int) -> [Element] { Array(values[range(index)]) }

  mutating func append(_ list: [Element]) {
    values.append(contentsOf: list)
    ends.append(values.count)
  }

  /// Appends the list that `body` appends to the values.
  mutating func append(by body: (inout [Element]) -> Void) {
    body(&values)
    ends.append(values.count)
  }

  mutating func append(emptyLists count: Int) {
    ends.append(contentsOf: repeatElement(values.count, count: count))
  }

  mutating func append(contentsOf other: RaggedArray) {
    let base = values.count
    values.append(contentsOf: other.values)
    ends.append(contentsOf: other.ends.lazy.map { $0 + base })
  }

  /// Lists of the same lengths with other values.
  func with(values: [Element]) -> RaggedArray { RaggedArray(values: values, ends: ends) }
}

/// Lists of different lengths, stored end to end in memory or in a mapped file.
public struct RaggedVector<Element: BitwiseCopyable> {
  /// The elements of all lists.
  public let values: Vector<Element>
  /// Where each list begins in `values`, and the end of the last `[N + 1]`.
  public let offsets: Vector<Int64>

  /// N, the number of lists.
  public var count: Int { offsets.count - 1 }

  /// Where a list stands in `values`.
  public func range(_ index: Int) -> Range<Int> { Int(offsets[index])..<Int(offsets[index + 1]) }

  /// A list.
  public subscript(index: Int) -> Vector<Element> { values[range(index)] }

  /// Lists as they are stored; nil where the offsets do not begin at 0 and end with the values.
  init?(values: Vector<Element>, offsets: Vector<Int64>) {
    guard offsets.count > 0, offsets[0] == 0, offsets[offsets.count - 1] == Int64(values.count)
    else { return nil }
    self.values = values
    self.offsets = offsets
  }
}

extension RaggedVector where Element: Equatable & Sendable {
  /// A copy of lists that have been collected.
  init(_ lists: RaggedArray<Element>) {
    values = Vector(copying: lists.values)
    offsets = Vector(copying: [0] + lists.ends.map(Int64.init))
  }
}

extension Vector {
  /// New memory holding a copy of `values`, copied as one block.
  init(copying values: [Element]) {
    self.init(zeros: values.count)
    copy(from: values)
  }
}
