import Data
import Storage
import Testing

/// JSON Lines of rows: text, labels, and more keys as they stand.
private func rows(_ rows: [(text: String, labels: [Int], more: String)]) -> String {
  rows.map { row in
    let labels = row.labels.map { "\"l\($0)\"" }.joined(separator: ", ")
    return "{\"text\": \"\(row.text)\", \"labels\": [\(labels)]\(row.more)}\n"
  }.joined()
}

private func split(
  _ content: String, name: String = "a.jsonl", validation: Double = 0.1, test: Double = 0.1,
  by rule: SplitRule = .stratified, seed: UInt64 = 42,
  columns: (inout DataColumns) -> Void = { _ in }
) throws -> (split: DataSplit, data: Dataset) {
  var wanted = DataColumns()
  columns(&wanted)
  let directory = try TemporaryDirectory()
  let data = try dataset(try directory.write(content, to: name), columns: wanted)
  return (
    DataSplit(data, SplitFractions(validation: validation, test: test), by: rule, seed: seed), data
  )
}

@Suite struct SplitTests {
  @Test func theFileOfASplitIsRead() throws {
    let content = (0..<50).map {
      #"{"id": "a, \"\n\#($0)", "text": "t\#($0)", "labels": ["l\#($0 % 3)"]}"# + "\n"
    }.joined()
    let (split, data) = try split(content, validation: 0.3, test: 0.2)
    #expect(!split.validation.isEmpty && !split.test.isEmpty)
    let csv = Array(split.csv(of: data).utf8)
    #expect(try DataSplit(csv: csv, path: "splits.csv") == split)
    let wrong = Array("row,id,part\r\n0,a,train\r\n2,b,test\r\n".utf8)
    #expect(throws: StorageError.self) { try DataSplit(csv: wrong, path: "splits.csv") }
  }

  /// 1,000 rows; label k is in every row that 3k + 2 divides: from 500 positives to 5.
  private let sparse = rows(
    (0..<1000).map { row in
      ("text \(row)", (0..<60).filter { row % (3 * $0 + 2) == 0 }, "")
    })

  @Test func everyPartHasItsShareOfEveryLabel() throws {
    let (split, data) = try split(sparse, validation: 0.2, test: 0.1)
    #expect((split.training + split.validation + split.test).sorted() == Array(0..<1000))
    for part in [split.training, split.validation, split.test] { #expect(part == part.sorted()) }
    let all = LabelCounts(data).positives
    for (part, share) in [(split.validation, 0.2), (split.test, 0.1), (split.training, 0.7)] {
      #expect(abs(Double(part.count) - 1000 * share) <= 5, "\(part.count) rows for \(share)")
      for (count, whole) in zip(LabelCounts(data.subset(part)).positives, all) {
        let wanted = Double(whole) * share
        #expect(abs(Double(count) - wanted) <= max(2, 0.15 * wanted), "\(count) of \(whole)")
        // A random split leaves many of the labels with five rows out.
        if wanted >= 1 { #expect(count >= 1, "\(count) of \(whole) in a share of \(share)") }
      }
    }
  }

  @Test func theSeedDecides() throws {
    #expect(try split(sparse).split == split(sparse).split)
    #expect(try split(sparse, seed: 1).split != split(sparse, seed: 2).split)
  }

  @Test func equalTextsStayTogether() throws {
    let content =
      rows((0..<300).map { ("A  text \($0 / 3)", [$0 % 7], "") })
      + rows((0..<100).map { ("a Text\\t\($0) ", [$0 % 5], "") })
    let (split, _) = try split(content, validation: 0.25, test: 0.25)
    func texts(_ part: [Int]) -> Set<Int> { Set(part.map { $0 < 300 ? $0 / 3 : $0 - 300 }) }
    let parts = [texts(split.training), texts(split.validation), texts(split.test)]
    #expect(parts.map(\.count).reduce(0, +) == 100, "no text is in two parts")
    #expect(parts.allSatisfy { $0.count >= 15 })
  }

  @Test(arguments: ["jsonl", "csv"]) func groupsStayTogether(form: String) throws {
    let patients = (0..<200).map { $0 * 7 % 40 }
    let content =
      form == "csv"
      ? "text,patient,a,b\r\n"
        + patients.enumerated().map { "t\($0),p\($1),\($0 % 2),1\r\n" }.joined()
      : rows(patients.enumerated().map { ("t\($0)", [$0 % 2], ", \"patient\": \($1)") })
    let (split, data) = try split(content, name: "a.\(form)", validation: 0.2, test: 0.2) {
      $0.group = "patient"
    }
    #expect(data.labels.count == 2, "the group is no label")
    let groups = [split.training, split.validation, split.test].map { Set($0.map { patients[$0] }) }
    #expect(groups.map(\.count).reduce(0, +) == 40)
    #expect(groups[1].count >= 6 && groups[2].count >= 6)
  }

  @Test func theNewestRowsAreTheTestRows() throws {
    let dates = [
      "2024-03-01", "2024-03-01T10:00:00Z", "2024-03-01T10:30:00+02:00", "20240229", "2019",
      "1709300000", "1709300000000", "2024-03-01 23:59:59.5", "2020-02-29", "2023-12-31T24:00Z",
    ]
    // By `date -u -d … +%s`, if it reads the form.
    let seconds = [
      1_709_251_200, 1_709_287_200, 1_709_281_800, 1_709_164_800, 1_546_300_800, 1_709_300_000,
      1_709_300_000, 1_709_337_599, 1_582_934_400, 1_704_067_200,
    ]
    let content = rows(dates.map { ("t\($0)", [1], ", \"when\": \"\($0)\"") })
    let (split, _) = try split(content, validation: 0.2, test: 0.3) { $0.date = "when" }
    let order = seconds.indices.sorted { (seconds[$0], -$0) < (seconds[$1], -$1) }
    #expect(split.test == order.suffix(3).sorted())
    #expect(split.validation == order.dropLast(3).suffix(2).sorted())
  }

  @Test(arguments: ["03/04/2020", "2024-13-01", "soon", "", "2024-3-1", "2024-03-01T25"])
  func whatIsNoDateIsNamed(date: String) throws {
    let text = rows([("t", [1], ", \"when\": \"\(date)\"")])
    var columns = DataColumns()
    columns.date = "when"
    let problem = try message(text, name: "a.jsonl", columns: columns)
    #expect(problem.contains("a.jsonl:1: “when” holds “\(date)”, which is no date"), "\(problem)")
  }

  @Test func aMissingColumnIsNamed() throws {
    var columns = DataColumns()
    columns.group = "patient"
    let line = try message("{\"text\": \"t\", \"labels\": []}\n", name: "a.jsonl", columns: columns)
    #expect(line.contains("“patient” (data.group_column)"))
    let csv = try message("text,a,patients\nt,1,x\n", name: "a.csv", columns: columns)
    #expect(csv.contains("there is no column “patient” (data.group_column); did you mean"))
  }

  @Test func smallFilesGiveEveryPartARow() throws {
    for count in 3...6 {
      let (split, _) = try split(rows((0..<count).map { ("t\($0)", [1], "") }))
      #expect(!split.training.isEmpty && !split.validation.isEmpty && !split.test.isEmpty)
    }
  }

  @Test func theTableNamesEachRow() throws {
    let content = rows((0..<4).map { ("t\($0)", [1], ", \"id\": \"a,\($0)\"") })
    let (split, data) = try split(content, validation: 0.25, test: 0.25, by: .random)
    let lines = split.csv(of: data.subset(split.test)).split(separator: "\r\n")
    #expect(lines.count == 5 && lines[0] == "row,id,part")
    for (row, line) in lines.dropFirst().enumerated() {
      let part =
        split.test.contains(row)
        ? "test" : split.validation.contains(row) ? "validation" : "train"
      #expect(line == "\(row),\"a,\(row)\",\(part)")
    }
  }

  @Test func theRandomSplitFollowsFromTheSeed() throws {
    func validation(_ count: Int, _ fraction: Double, _ seed: UInt64 = 42) throws -> [Int] {
      try split(
        rows((0..<count).map { ("t\($0)", [1], "") }), validation: fraction, test: 0, by: .random,
        seed: seed
      ).split.validation
    }
    #expect(try validation(1000, 0.1).count == 100)
    // Golden, and found by a second program in Python.
    #expect(try validation(20, 0.2) == [0, 13, 14, 19])
    #expect(try validation(20, 0.2, 43) != [0, 13, 14, 19])
    #expect(try validation(3, 0.01).count == 1)
    #expect(try validation(3, 0.99).count == 2)
    #expect(try validation(3, 0) == [])
  }
}
