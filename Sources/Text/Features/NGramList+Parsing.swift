// Reading a list of n-grams. Nothing in the bytes is believed: whatever is wrong is an error that
// names the line.

extension NGramList {
  /// The list in `bytes`; `path` is for messages. A sorted list is that of a vocabulary: by
  /// document frequency, the highest first, then by name; and within what the settings keep.
  init(parsing bytes: [UInt8], path: String, isSorted: Bool) throws(FeatureError) {
    var reader = NGramListReader(bytes: bytes, path: path)
    try reader.checkEncoding()
    guard try reader.nextLine() == Self.firstLine else {
      throw reader.malformed("must be “\(Self.firstLine)”")
    }
    settings = try reader.settings()
    textCount = try reader.header("texts")
    let count = try reader.header("features")
    // A line has four bytes at least: a digit, the tab, a letter and the line's end.
    guard count <= bytes.count / 4, count <= settings.maximumFeatures ?? .max || !isSorted else {
      throw reader.malformed("there cannot be \(count) features")
    }
    names = ByteStringTable()
    names.reserve(count: count, byteCount: bytes.count)
    documentFrequencies = []
    documentFrequencies.reserveCapacity(count)
    for index in 0..<count {
      let entry = try reader.entry()
      guard 1...max(textCount, 1) ~= entry.frequency, textCount > 0 else {
        throw reader.malformed("a document frequency of \(entry.frequency) in \(textCount) texts")
      }
      if isSorted { try checkOrder(entry, reader) }
      guard names.intern(bytes.span, entry.name) == index else {
        throw reader.malformed("the n-gram occurs twice")
      }
      documentFrequencies.append(Int32(entry.frequency))
    }
    try reader.checkEnd(count)
  }

  /// That the entry belongs behind the last one.
  private func checkOrder(
    _ entry: (frequency: Int, name: Range<Int>), _ reader: NGramListReader
  ) throws(FeatureError) {
    guard entry.frequency >= settings.minimumDocumentFrequency else {
      throw reader.malformed("the document frequency is below the minimum")
    }
    guard let last = documentFrequencies.last.map(Int.init) else { return }
    if entry.frequency == last {
      let name = names.bytes[names.range(names.count - 1)]
      if name.lexicographicallyPrecedes(reader.bytes[entry.name]) { return }
    }
    guard entry.frequency < last else { throw reader.malformed("is out of order") }
  }
}

/// Takes a list apart, line by line.
struct NGramListReader {
  let bytes: [UInt8]
  let path: String
  private var position = 0
  /// The line that was read last, from 1.
  private var line = 0

  init(bytes: [UInt8], path: String) {
    self.bytes = bytes
    self.path = path
  }

  func malformed(_ problem: String) -> FeatureError {
    .malformed(path: path, line: max(line, 1), problem: problem)
  }

  /// That all bytes are UTF-8.
  func checkEncoding() throws(FeatureError) {
    if String(validating: bytes, as: UTF8.self) != nil { return }
    let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
    let line = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
    throw .malformed(path: path, line: line + 1, problem: "is not UTF-8")
  }

  /// The next line, without its end, as text.
  mutating func nextLine() throws(FeatureError) -> String {
    line += 1
    guard let end = bytes[position...].firstIndex(of: 0x0A) else {
      throw malformed("the line's end is missing")
    }
    defer { position = end + 1 }
    return String(decoding: bytes[position..<end], as: UTF8.self)
  }

  /// The text behind `key: ` in the next line.
  private mutating func value(_ key: String) throws(FeatureError) -> String {
    let line = try nextLine()
    guard line.utf8.starts(with: "\(key): ".utf8) else {
      throw malformed("must begin with “\(key): ”")
    }
    return String(decoding: line.utf8.dropFirst(key.utf8.count + 2), as: UTF8.self)
  }

  /// A number up to that of an Int32 behind `key: ` in the next line.
  mutating func header(_ key: String) throws(FeatureError) -> Int {
    guard let number = Int32(try value(key)), number >= 0 else {
      throw malformed("\(key) must be a number from 0 to \(Int32.max)")
    }
    return Int(number)
  }

  mutating func settings() throws(FeatureError) -> NGramSettings {
    var settings = NGramSettings()
    for (key, _) in settings.fields {
      let value = try value(key)
      guard settings.set(key, to: value) else { throw malformed("\(key) cannot be read") }
      if let problem = settings.problem { throw malformed(problem) }
    }
    return settings
  }

  /// The next line's document frequency and where its name stands.
  mutating func entry() throws(FeatureError) -> (frequency: Int, name: Range<Int>) {
    line += 1
    let start = position
    var frequency = 0
    while position < bytes.count, 0x30...0x39 ~= bytes[position], frequency <= Int32.max {
      frequency = 10 * frequency + Int(bytes[position] - 0x30)
      position += 1
    }
    guard position > start, frequency <= Int32.max else {
      throw malformed("must begin with a number up to \(Int32.max)")
    }
    guard position < bytes.count, bytes[position] == 0x09 else {
      throw malformed("there is no tab behind the number")
    }
    let name = position + 1
    position = name
    while position < bytes.count, bytes[position] != 0x0A, bytes[position] != 0x09 { position += 1 }
    guard position < bytes.count, bytes[position] == 0x0A else {
      throw malformed(
        position < bytes.count ? "there is a second tab" : "the line's end is missing")
    }
    guard position > name else { throw malformed("there is no name behind the tab") }
    position += 1
    return (frequency, name..<position - 1)
  }

  /// That nothing is left.
  func checkEnd(_ count: Int) throws(FeatureError) {
    guard position == bytes.count else {
      throw .malformed(
        path: path, line: line + 1, problem: "there are more than \(count) features")
    }
  }
}
