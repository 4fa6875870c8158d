// The form in which encoded rows travel between ranks: numbers as little-endian base 128, lengths
// instead of offsets. About 2 bytes a token.

extension EncodedRows {
  private static let formatVersion = 4

  /// The rows as bytes.
  public var serialized: [UInt8] {
    var writer = ByteWriter()
    writer.write(Self.formatVersion)
    writer.write(ids)
    writer.write(tokens == nil ? 0 : 1)
    if let tokens { writer.write(tokens) }
    writer.write(texts == nil ? 0 : 1)
    if let texts { writer.write(texts) }
    writer.write(groups)
    writer.write(dates.map(UInt64.init(bitPattern:)))
    writer.write(emptyLines)
    writer.write(RaggedArray(values: labelNames.bytes, ends: labelNames.ends))
    writer.write(labels)
    writer.write(unknownLabels == nil ? 0 : 1)
    if let unknownLabels { writer.write(unknownLabels) }
    writer.write(badRows.total)
    writer.write(badRows.first.count)
    for row in badRows.first {
      writer.write(row.line)
      writer.write(Array(row.reason.utf8))
    }
    return writer.bytes
  }

  /// The rows that `serialized` gave. Throws `DataError.damagedRows`.
  public init(serialized bytes: [UInt8]) throws(DataError) {
    var reader = ByteReader(bytes: bytes)
    guard try reader.read() == Self.formatVersion else {
      throw .damagedRows(reason: "they come from another version of the program")
    }
    ids = try reader.readStrings()
    if try reader.readFlag() { tokens = try reader.readNumbers() }
    if try reader.readFlag() { texts = try reader.readStrings() }
    groups = try reader.readWords()
    dates = try reader.readWords().map(Int64.init(bitPattern:))
    emptyLines = try reader.readWords()
    let names = try reader.readStrings()
    for index in 0..<names.count { _ = labelNames.intern(names[index]) }
    labels = try reader.readNumbers()
    if try reader.readFlag() { unknownLabels = try reader.readNumbers() }
    let total = try reader.read()
    let first = try (0..<reader.readCount()).map { _ throws(DataError) in
      let line = try reader.read()
      return BadRow(line: line, reason: String(decoding: try reader.readBytes(), as: UTF8.self))
    }
    badRows = BadRowReport(first: first, total: total)
    let isWhole =
      reader.isAtEnd && labels.count == rowCount && tokens?.count ?? rowCount == rowCount
      && texts?.count ?? rowCount == rowCount && groups.count == rowCount
      && unknownLabels?.count ?? rowCount == rowCount
      && (dates.isEmpty || dates.count == rowCount) && labelNames.count == names.count
      && first.count == min(total, BadRowReport.limit)
      && (labels.values + (unknownLabels?.values ?? [])).allSatisfy {
        0 <= $0 && Int($0) < names.count
      }
    guard isWhole else { throw .damagedRows(reason: "their counts do not agree") }
  }
}

private struct ByteWriter {
  private(set) var bytes: [UInt8] = []

  mutating func write(_ number: Int) {
    var rest = UInt64(number)
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  mutating func write(_ string: [UInt8]) {
    write(string.count)
    bytes.append(contentsOf: string)
  }

  /// Words of 64 bits, little-endian.
  mutating func write(_ words: [UInt64]) {
    write(words.count)
    for word in words {
      for shift in stride(from: 0, to: 64, by: 8) {
        bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
      }
    }
  }

  private mutating func write(lengthsOf ends: [Int]) {
    write(ends.count)
    var start = 0
    for end in ends {
      write(end - start)
      start = end
    }
  }

  mutating func write(_ strings: RaggedArray<UInt8>) {
    write(lengthsOf: strings.ends)
    bytes.append(contentsOf: strings.values)
  }

  mutating func write(_ numbers: RaggedArray<Int32>) {
    write(lengthsOf: numbers.ends)
    for number in numbers.values { write(Int(UInt32(bitPattern: number))) }
  }
}

private struct ByteReader {
  let bytes: [UInt8]
  private var position = 0

  init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  var isAtEnd: Bool { position == bytes.count }

  mutating func read() throws(DataError) -> Int {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while position < bytes.count, shift < 63 {
      let byte = bytes[position]
      position += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return Int(value) }
      shift += 7
    }
    throw .damagedRows(reason: "they end in the middle of a number")
  }

  mutating func readFlag() throws(DataError) -> Bool {
    let flag = try read()
    guard flag <= 1 else { throw .damagedRows(reason: "a flag of \(flag)") }
    return flag == 1
  }

  /// A number of things that take a byte each at least.
  mutating func readCount() throws(DataError) -> Int {
    let count = try read()
    guard count <= bytes.count - position else {
      throw .damagedRows(reason: "\(count) values announced, \(bytes.count - position) bytes left")
    }
    return count
  }

  mutating func readBytes() throws(DataError) -> [UInt8] {
    let count = try readCount()
    position += count
    return Array(bytes[(position - count)..<position])
  }

  mutating func readWords() throws(DataError) -> [UInt64] {
    let count = try readCount()
    guard count <= (bytes.count - position) / 8 else {
      throw .damagedRows(reason: "\(count) words announced, \(bytes.count - position) bytes left")
    }
    return (0..<count).map { _ in
      position += 8
      return (1...8).reduce(0) { $0 << 8 | UInt64(bytes[position - $1]) }
    }
  }

  private mutating func readEnds() throws(DataError) -> [Int] {
    let count = try readCount()
    var ends: [Int] = []
    ends.reserveCapacity(count)
    var end = 0
    for _ in 0..<count {
      let length = try read()
      guard length <= bytes.count - end else {
        throw .damagedRows(reason: "a length of \(length) in \(bytes.count) bytes")
      }
      end += length
      ends.append(end)
    }
    return ends
  }

  mutating func readNumbers() throws(DataError) -> RaggedArray<Int32> {
    let ends = try readEnds()
    let count = ends.last ?? 0
    guard count <= bytes.count - position else {
      throw .damagedRows(reason: "\(count) values announced, \(bytes.count - position) bytes left")
    }
    var numbers: [Int32] = []
    numbers.reserveCapacity(count)
    for _ in 0..<count { numbers.append(Int32(truncatingIfNeeded: try read())) }
    return RaggedArray(values: numbers, ends: ends)
  }

  mutating func readStrings() throws(DataError) -> RaggedArray<UInt8> {
    let ends = try readEnds()
    let count = ends.last ?? 0
    guard count <= bytes.count - position else {
      throw .damagedRows(reason: "they end in the middle of a text")
    }
    position += count
    return RaggedArray(values: Array(bytes[(position - count)..<position]), ends: ends)
  }
}
