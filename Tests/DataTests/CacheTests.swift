import Data
import Foundation
import Testing

private let content = """
  {"id": "a", "text": "one 😀", "labels": ["x", "y"]}
  {"id": "b", "text": "two", "labels": []}
  {"text": "three", "labels": ["y", "w"]}
  """

/// A data file and its cache.
private final class CachedFile {
  let directory: TemporaryDirectory
  let path: String
  let cache: DatasetCache

  init() throws {
    directory = try TemporaryDirectory()
    path = try directory.write(content, to: "rows.jsonl")
    cache = DatasetCache(directory: directory.path + "/cache/below")
  }

  func key(
    _ content: RowContent = .tokens(ScalarTokenizer(), maxLength: 128)
  ) throws -> DatasetKey {
    DatasetKey(source: try DataSource(path: path), keeping: content)
  }

  func write() throws -> Dataset {
    Dataset(try cache.write(StoredRows(read(path)), key: key()))
  }

  /// "found", "missing" or the reason for the rejection.
  func state(_ key: DatasetKey) -> String {
    switch cache.lookup(key) {
    case .found: "found"
    case .missing: "missing"
    case .rejected(let reason): reason
    }
  }
}

@Test func cachedRowsAreTheRowsOfTheFile() throws {
  let file = try CachedFile()
  let key = try file.key()
  #expect(file.state(key) == "missing")
  let written = try file.write()
  guard case .found(let stored) = file.cache.lookup(key) else {
    Issue.record("the cache was not found")
    return
  }
  for data in [written, Dataset(stored)] {
    #expect(data.texts == ["one 😀", "two", "three"])
    #expect(data.ids == ["a", "b", "2"])
    #expect(data.labels.names == ["w", "x", "y"])
    #expect(data.labelNamesOfRows == [["x", "y"], [], ["w", "y"]])
    #expect(data.rowLengths == [7, 5, 7])
    #expect(data.tokens(0)?[5] == 0x1F600)
  }
  let left = try FileManager.default.contentsOfDirectory(atPath: file.cache.directory)
  #expect(left.count == 1)
}

@Test func anotherFileTokenizerOrLengthIsAnotherKey() throws {
  let file = try CachedFile()
  _ = try file.write()
  let others: [RowContent] = [
    .tokens(ScalarTokenizer(), maxLength: 64),
    .tokens(ScalarTokenizer(fingerprint: "other"), maxLength: 128),
    .tokensAndTexts(ScalarTokenizer(), maxLength: 128), .texts,
  ]
  for other in others { #expect(file.state(try file.key(other)) == "missing") }
  #expect(file.state(try file.key()) == "found")
  // As many bytes as before, and written within the clock's grain.
  _ = try file.directory.write(content.replacing("two", with: "six"), to: "rows.jsonl")
  #expect(file.state(try file.key()) == "the data or the way to encode it has changed")
  #expect(try file.write().texts[1] == "six")
  #expect(file.state(try file.key()) == "found")
}

@Test func damagedCachesAreRejectedWhereverTheDamageIs() throws {
  let file = try CachedFile()
  _ = try file.write()
  let key = try file.key()
  let path = file.cache.path(for: key)
  let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
  func put(_ bytes: [UInt8]) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path))
  }
  for position in stride(from: 0, to: bytes.count, by: 3) {
    var flipped = bytes
    flipped[position] ^= 1 << UInt8(position % 8)
    try put(flipped)
    #expect(file.state(key) != "found", "bit flipped in byte \(position)")
  }
  for length in stride(from: 0, to: bytes.count, by: 8) {
    try put(Array(bytes[..<length]))
    #expect(file.state(key).hasPrefix("not a valid safetensors file: "))
  }
  try put(bytes + [0, 0, 0, 0, 0, 0, 0, 0])
  #expect(file.state(key).hasSuffix("8 bytes follow the last tensor"))
  try put(Array(repeating: 7, count: 4096))
  #expect(file.state(key).hasPrefix("not a valid safetensors file: "))
  try put(bytes.dropLast() + [bytes[bytes.count - 1] ^ 1])
  #expect(file.state(key) == "its checksum is wrong")
  try put(bytes)
  #expect(file.state(key) == "found")
  _ = try file.write()
  #expect(file.state(key) == "found")
}

@Test func otherDataIsSeenThroughTheLabelsOfTheTrainingData() throws {
  let file = try CachedFile()
  let stored = StoredRows(try read(file.path))
  let labels = try LabelSet(ordered: ["y", "q", "x"])
  let data = Dataset(stored, labels: labels)
  #expect(data.labelIndices(0) == [0, 2])
  #expect(data.labelIndices(2) == [0])
  #expect(data.unknownLabels.map(\.name) == ["w"])
  #expect(data.unknownLabels.map(\.rowCount) == [1])
  #expect(throws: DataError.duplicateLabel("y")) { try LabelSet(ordered: ["y", "x", "y"]) }
}
