// Labels that are the same rows, and single rows of a file.

import Data
import Foundation
import Testing

@Suite struct LabelTwinsTests {
  private func dataset(_ labels: [[String]]) throws -> Dataset {
    let directory = try TemporaryDirectory()
    let lines = labels.enumerated().map { index, names in
      "{\"text\": \"row \(index)\", \"labels\": [\(names.map { "\"\($0)\"" }.joined(separator: ","))]}"
    }
    let path = try directory.write(lines.joined(separator: "\n"), to: "rows.jsonl")
    let source = try DataSource(path: path)
    return Dataset(StoredRows(try source.encode(keeping: .texts).checked(path: path)))
  }

  @Test func labelsThatShareNearlyAllRowsAreFound() throws {
    // "a" and "b" share 40 of 41 rows, "c" has half of them, "d" and "e" are the same nine rows.
    let data = try dataset(
      (0..<200).map { row in
        var names: [String] = []
        if row < 41 { names.append("a") }
        if row < 40 { names.append("b") }
        if row < 20 { names.append("c") }
        if row >= 100, row < 109 { names += ["d", "e"] }
        return names + ["row-\(row % 7)"]
      })
    let pairs = LabelTwins.pairs(in: data)
    #expect(pairs.map { [$0.first, $0.second] } == [[0, 1]])
    #expect(pairs.first?.shared == 40 && pairs.first?.either == 41)
  }

  @Test func allPairsOfManyRandomLabelsAreFound() throws {
    // Each label has a twin that lacks one of its rows.
    var random = SystemRandomNumberGenerator()
    var rows = [[String]](repeating: [], count: 2_000)
    for label in 0..<60 {
      let chosen = Array((0..<rows.count).shuffled(using: &random).prefix(30 + label))
      for row in chosen { rows[row].append("x\(label)") }
      for row in chosen.dropFirst() { rows[row].append("y\(label)") }
    }
    let data = try dataset(rows)
    let found = LabelTwins.pairs(in: data).map {
      Set([data.labels.names[$0.first], data.labels.names[$0.second]])
    }
    #expect(Set(found) == Set((0..<60).map { ["x\($0)", "y\($0)"] }))
  }

  @Test(arguments: ["rows.jsonl", "rows.csv"])
  func rowsAreFoundByTheirNumbers(name: String) throws {
    let directory = try TemporaryDirectory()
    let text =
      name == "rows.jsonl"
      ? """
      {"id": "a", "text": "first", "labels": ["x"]}

      {"text": "second\\nline", "labels": ["y", "x", "y"]}
      {"id": "c", "text": "third", "labels": []}
      """
      : "id,text,x,y\r\na,first,1,0\r\n\r\n,\"second\nline\",1,1\r\nc,third,0,0\r\n"
    let source = try DataSource(path: try directory.write(text, to: name))
    let rows = source.rows(numbered: [1, 2, 7])
    #expect(rows.keys.sorted() == [1, 2])
    #expect(rows[1]?.text == "second\nline" && Set(rows[1]?.labels ?? []) == ["x", "y"])
    #expect(rows[1]?.labels.count == 2)
    #expect(rows[2]?.id == "c" && rows[2]?.labels == [])
  }

  @Test func aTableIsReadAsItWasWritten() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write(
      "label,n\r\n\"a, \"\"b\"\"\",1\r\n\"two\nlines\",2\r\n", to: "table.csv")
    let table = try CSVTable(path: path)
    #expect(table.columns == ["label", "n"])
    #expect(table.lines == [["a, \"b\"", "1"], ["two\nlines", "2"]])
    let short = try directory.write("a,b\r\n1\r\n", to: "short.csv")
    #expect(throws: DataError.self) { try CSVTable(path: short) }
  }
}
