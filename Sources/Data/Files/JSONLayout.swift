import Foundation
import Memory
import Storage

/// Tells JSON Lines, an array of objects, and what is neither.
struct JSONLayout {
  private let data: DataFile

  init(_ data: DataFile) {
    self.data = data
  }

  /// Throws `DataError` with the line of pandas that writes JSON Lines.
  func formAndFirstRow() throws(DataError) -> (FileLayout.Form, (offset: Int, line: Int)) {
    let (start, line) = firstByte(from: data.start, line: 1)
    guard start < data.file.byteCount else { return (.jsonLines, (data.start, 1)) }
    switch data.file.bytes[start] {
    case UInt8(ascii: "{"):
      if let problem = wholeObject(at: start) { throw fail(problem) }
      return (.jsonLines, (data.start, 1))
    case UInt8(ascii: "["):
      let (element, elementLine) = firstByte(from: start + 1, line: line)
      let begins = element < data.file.byteCount ? data.file.bytes[element] : UInt8(ascii: "]")
      guard [UInt8(ascii: "{"), UInt8(ascii: "]")].contains(begins) else {
        throw fail(
          "the elements of this JSON array are no objects with names: a row is "
            + "{\"text\": …, \"labels\": …}; \(Self.jsonLines) writes such rows")
      }
      return (.jsonArray, (element, elementLine))
    default:
      throw fail("this is not JSON: it begins with “\(beginning(at: start))”. \(otherName)")
    }
  }

  private static let asLines = ".to_json(\"rows.jsonl\", orient=\"records\", lines=True)"
  private static let jsonLines = "df" + asLines

  private func fail(_ reason: String) -> DataError {
    .wrongFormat(path: data.path, reason: reason)
  }

  private var otherName: String {
    "Where it is CSV, let its name end in .csv (commas) or .tsv (tabs); "
      + "else \(Self.jsonLines) writes JSON Lines"
  }

  private func firstByte(from start: Int, line: Int) -> (offset: Int, line: Int) {
    data.file.bytes.withSpan { bytes in
      var (index, line) = (start, line)
      while index < bytes.count, bytes[index].isBlank {
        if bytes[index] == .lineFeed { line += 1 }
        index += 1
      }
      return (index, line)
    }
  }

  private func beginning(at start: Int) -> String {
    let bytes = data.file.bytes[start..<min(start + 120, data.file.byteCount)].array
    return excerpt(Array(bytes.prefix { $0 != .lineFeed && $0 != .carriageReturn }))
  }

  /// What is wrong where the whole file is one object; nil where it is JSON Lines as far as its
  /// first line tells.
  private func wholeObject(at start: Int) -> String? {
    data.file.bytes.withSpan { bytes in
      let line = RecordSplitter(.lines).record(at: start, in: bytes)
      var members = Self.members(line.content, in: bytes)
      if members == nil {
        // A first line that is no object may be the beginning of one over many lines.
        members = Self.members(start..<bytes.count, in: bytes)
        guard let members else { return nil }
        return problem(members)
          ?? "this is one JSON object over several lines; JSON Lines has one object a line: "
          + "\(Self.jsonLines) writes it"
      }
      // A row that lacks its text is no file.
      let isAlone = firstByte(from: line.next, line: 1).offset == bytes.count
      return isAlone ? members.flatMap(problem) : nil
    }
  }

  /// The names of an object's members, each with the first byte of its value; nil where it is none.
  private static func members(
    _ range: Range<Int>, in bytes: Span<UInt8>
  ) -> [(name: String, begins: UInt8)]? {
    var scanner = JSONScanner(allowsNaN: true)
    var name: [UInt8] = []
    var members: [(name: String, begins: UInt8)] = []
    scanner.begin(range)
    do {
      try scanner.expect(UInt8(ascii: "{"), in: bytes)
      var hasNext = !scanner.take(UInt8(ascii: "}"), in: bytes)
      while hasNext {
        try scanner.string(into: &name, in: bytes)
        try scanner.expect(UInt8(ascii: ":"), in: bytes)
        members.append((String(decoding: name, as: UTF8.self), scanner.peek(in: bytes) ?? 0))
        try scanner.skipValue(in: bytes)
        hasNext = try scanner.continues(until: UInt8(ascii: "}"), in: bytes)
      }
      try scanner.expectEnd(in: bytes)
      return members
    } catch { return nil }
  }

  /// How pandas or `datasets` call the form of an object that is no row.
  private func problem(_ members: [(name: String, begins: UInt8)]) -> String? {
    let names = Set(members.map(\.name))
    if names.isSuperset(of: ["columns", "index", "data"]) { return written(by: "split") }
    if names.isSuperset(of: ["schema", "data"]) { return written(by: "table") }
    guard let first = members.first else { return nil }
    switch Set(members.map(\.begins)) {
    case [UInt8(ascii: "{")]:
      // Rows by their index, or columns whose cells are named by the index.
      let isIndexed = members.prefix(3).enumerated().allSatisfy { $1.name == "\($0)" }
      return written(by: isIndexed ? "index" : "columns")
    case [UInt8(ascii: "[")] where members.count == 1:
      return
        "the rows lie inside of “\(excerpt(first.name))”; JSON Lines or a JSON array of objects "
        + "is wanted: jq -c '.[\"\(excerpt(first.name))\"][]' \(file) > rows.jsonl"
    case [UInt8(ascii: "[")]:
      return "this is one list for each column; pd.DataFrame(json.load(open(\"\(file)\")))"
        + "\(Self.asLines) writes JSON Lines"
    default: return nil
    }
  }

  private func written(by orient: String) -> String {
    "this is JSON as df.to_json(orient=\"\(orient)\") writes it; pd.read_json(\"\(file)\", "
      + "orient=\"\(orient)\")\(Self.asLines) writes JSON Lines"
  }

  private var file: String { URL(fileURLWithPath: data.path).lastPathComponent }
}
