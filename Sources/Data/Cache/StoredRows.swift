import Memory

/// Encoded rows as flat vectors, in memory or in a mapped cache file: the same for every reader.
public final class StoredRows {
  /// Token ids of all rows, end to end `[T]`.
  public let tokens: Vector<Int32>
  /// Where each row begins in `tokens`, and the end of the last `[N + 1]`.
  public let offsets: Vector<Int64>
  /// Labels of all rows, as indices into `labelNames`, ascending in each row.
  public let labelIndices: Vector<Int32>
  /// Where each row begins in `labelIndices`, and the end of the last `[N + 1]`.
  public let labelOffsets: Vector<Int64>
  /// The names of the labels in this data, sorted as in `LabelSet`. A CSV column without a
  /// positive is among them.
  public let labelNames: LabelSet
  let idBytes: Vector<UInt8>
  let idOffsets: Vector<Int64>
  let nameBytes: Vector<UInt8>
  let nameOffsets: Vector<Int64>

  /// Number of rows.
  public var rowCount: Int { offsets.count - 1 }

  /// The rows, copied into flat memory.
  public init(_ rows: EncodedRows) {
    let labelNames = LabelSet(sorting: rows.labelNames.names)
    let sortedIndex = (0..<rows.labelNames.count).map {
      Int32(labelNames.index(of: rows.labelNames.names.string($0)) ?? 0)
    }
    self.labelNames = labelNames
    tokens = Vector(copying: rows.tokens)
    offsets = Self.offsets(ends: rows.tokenEnds)
    labelOffsets = Self.offsets(ends: rows.labelEnds)
    labelIndices = Vector(
      copying: renumber(
        rows.labelIndices, ends: rows.labelEnds, by: sortedIndex))
    idBytes = Vector(copying: rows.ids.bytes)
    idOffsets = Self.offsets(ends: rows.ids.ends)
    var names = ByteStrings()
    for name in labelNames.names { names.append(Array(name.utf8)) }
    nameBytes = Vector(copying: names.bytes)
    nameOffsets = Self.offsets(ends: names.ends)
  }

  /// The rows in the sections of a cache file, whose sizes agree.
  init(_ file: CacheFile) {
    tokens = file.section(.tokens)
    offsets = file.section(.offsets)
    labelIndices = file.section(.labelIndices)
    labelOffsets = file.section(.labelOffsets)
    idBytes = file.section(.idBytes)
    idOffsets = file.section(.idOffsets)
    nameBytes = file.section(.nameBytes)
    nameOffsets = file.section(.nameOffsets)
    let ends = nameOffsets.array.map(Int.init)
    let bytes = nameBytes.array
    var names = ByteStrings()
    for (start, end) in zip(ends, ends.dropFirst()) { names.append(Array(bytes[start..<end])) }
    labelNames = LabelSet(sorting: names)
  }

  /// The id of a row.
  func id(_ row: Int) -> String {
    let range = Int(idOffsets[row])..<Int(idOffsets[row + 1])
    return String(decoding: idBytes[range].array, as: UTF8.self)
  }

  private static func offsets(ends: [Int]) -> Vector<Int64> {
    Vector(copying: [0] + ends.map(Int64.init))
  }
}

extension Vector {
  /// New memory holding a copy of `values`, copied as one block.
  init(copying values: [Element]) {
    self.init(zeros: values.count)
    copy(from: values)
  }
}

/// The label indices `indices`, whose rows end at `ends`, as `newIndex` numbers them, ascending in
/// each row.
func renumber(_ indices: [Int32], ends: [Int], by newIndex: [Int32]) -> [Int32] {
  var result = indices
  var start = 0
  for end in ends {
    var isSorted = true
    for index in start..<end {
      result[index] = newIndex[Int(indices[index])]
      if index > start, result[index - 1] > result[index] { isSorted = false }
    }
    if !isSorted { result[start..<end].sort() }
    start = end
  }
  return result
}
