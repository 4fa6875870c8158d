// Cells of which nobody knows whether the label holds: how files say so, and where they count.

import Data
import Testing

extension Dataset {
  /// The names of each row's unknown labels.
  fileprivate var unknownNamesOfRows: [[String]] {
    (0..<rowCount).map { unknownIndices($0).map { labels.names[Int($0)] } }
  }
}

private func data(
  _ content: String, _ name: String, columns: (inout DataColumns) -> Void = { _ in }
) throws -> Dataset {
  var wanted = DataColumns()
  columns(&wanted)
  let directory = try TemporaryDirectory()
  return try dataset(try directory.write(content, to: name), columns: wanted)
}

@Suite struct UnknownCellTests {
  private static let csv = "text,b,a,c\nx,1,-1,0\ny,0,0,1\nz,-1,-1.0,-1\n"
  private static let lines = """
    {"text": "x", "labels": ["b"], "unknown": ["a"]}
    {"text": "y", "labels": ["c"]}
    {"unknown": ["c", "a", "b", "a"], "text": "z", "labels": []}

    """
  private static let names = "text,tags,open\nx,b,a\ny,c,\nz,,c|a|b\n"

  @Test func everyFormGivesTheSameRows() throws {
    let forms = [
      try data(Self.csv, "a.csv"), try data(Self.lines, "a.jsonl"),
      try data(Self.names, "names.csv") {
        ($0.labels, $0.labelsSeparator, $0.unknownColumn) = ("tags", "|", "open")
      },
      try data(Self.csv.replacing("-1.0", with: "?").replacing("-1", with: "?"), "b.csv") {
        $0.unknownLabel = "?"
      },
      try data("text,b,a,c\nx,1,,0\ny,0,0,1\nz,,-1,\"\"\n", "empty.csv") {
        $0.emptyCells = .unknown
      },
      try data(Self.lines.replacing("unknown", with: "open"), "b.jsonl") {
        $0.unknownColumn = "open"
      },
    ]
    for data in forms {
      #expect(data.labels.names == ["a", "b", "c"])
      #expect(data.labelNamesOfRows == [["b"], ["c"], []])
      #expect(data.unknownNamesOfRows == [["a"], [], ["a", "b", "c"]])
      #expect(data.fingerprint == forms[0].fingerprint)
    }
    let counts = LabelCounts(forms[0])
    #expect(counts.positives == [0, 1, 1] && counts.unknown == [2, 1, 1])
    #expect(counts.known(0) == 1 && counts.unknownCellCount == 4)
    #expect(counts.unlabeledRowCount == 0, "of no row it is known that it has no label")
    #expect(LabelCounts(forms[0].subset([1, 2])).unknown == [1, 1, 1])
  }

  @Test(arguments: [2, 3, 5]) func partsOfAFileGiveTheWhole(parts: Int) throws {
    let directory = try TemporaryDirectory()
    // The first half of the file knows everything.
    let rows = (0..<40).map { "t\($0),\($0 % 2),\($0 < 25 ? 0 : -($0 % 2))\n" }
    let content = "text,a,b\n" + rows.joined()
    let path = try directory.write(content, to: "a.csv")
    #expect(try read(path, parts: parts) == read(path))
    #expect(try read(path).rowCount == 40)
  }

  @Test func aCacheKeepsThemAndAFileWithoutAnyHasNone() throws {
    let directory = try TemporaryDirectory()
    let cache = DatasetCache(directory: directory.path)
    for (content, hasAny) in [(Self.csv, true), ("text,a\nx,1\ny,0\n", false)] {
      let path = try directory.write(content, to: "a.csv")
      let source = try DataSource(path: path)
      let key = DatasetKey(source: source, keeping: .tokens(ScalarTokenizer(), maxLength: 128))
      let read = Dataset(StoredRows(try read(path)))
      let stored = Dataset(try cache.write(read.stored, key: key))
      #expect(stored.fingerprint == read.fingerprint)
      #expect(stored.unknownNamesOfRows == read.unknownNamesOfRows)
      #expect((stored.unknownIndices != nil) == hasAny)
    }
  }

  @Test func labelsOfAModelAreTranslated() throws {
    let labels = LabelSet(sorting: ["c", "b", "zz"])
    let rows = try data(Self.csv, "a.csv").stored
    let translated = Dataset(rows, labels: labels)
    #expect(translated.labelNamesOfRows == [["b"], ["c"], []])
    #expect(translated.unknownNamesOfRows == [[], [], ["b", "c"]])
    #expect(translated.unknownLabels.isEmpty, "a label that no row has is not missed")
  }

  @Test func batchesAndStepsCountWhatIsKnown() throws {
    let data = try data(Self.csv, "a.csv")
    let batch = Batch(data, rows: [2, 1, 0])
    #expect(batch.unknownOffsets == [0, 3, 3, 4] && batch.unknownIndices == [0, 1, 2, 0])
    let step = StepBatch(ofOneRank: [batch, Batch(data, rows: [1])])
    #expect(step.unknownCellCount == 4 && step.knownCellCount(labels: 3) == 8)
    #expect(data.unknownCellCount(of: [2, 1, 0, 1]) == 4)
    #expect(data.subset([2]).unknownCellCount(of: [0, 1]) == 6, "the row and its repetition")
    let known = Batch(try dataWithoutUnknown(), rows: [0])
    #expect(known.unknownOffsets.isEmpty && known.unknownIndices.isEmpty)
  }

  @Test func aMarkThatIsNotDeclaredIsRefused() throws {
    var columns = DataColumns()
    columns.unknownLabel = nil
    let csv = try message(Self.csv, name: "a.csv", columns: columns)
    #expect(csv.hasPrefix("a.csv:1: “a” holds “-1”, and a label is 0 or 1; "))
    #expect(csv.contains("if it means that nobody knows, set data.unknown_label=\"-1\""))
    let lines = try message(Self.lines, name: "a.jsonl", columns: columns)
    #expect(lines.hasPrefix("a.jsonl:1: “unknown” names labels that nobody knows"))
    #expect(lines.contains("data.unknown_label is null"))
    #expect(
      try message("text,a\nx,\n", name: "a.csv").contains(
        "the label column “a” is empty: 0 or 1 is wanted; data.empty_cells=zero makes empty cells 0, "
          + "data.empty_cells=unknown leaves them out"))
    columns.unknownLabel = "?"
    #expect(try message(Self.csv, name: "a.csv", columns: columns).contains("holds “-1”"))
    #expect(try message("text,a\nx,-2\n", name: "a.csv").contains("holds “-2”"))
  }

  @Test func contradictionsAndOtherValuesAreNamed() throws {
    let both = #"{"text": "x", "labels": ["a", "b"], "unknown": ["b"]}"# + "\n"
    #expect(
      try message(both, name: "a.jsonl").hasPrefix(
        "a.jsonl:1: the label “b” is both among the row's labels and among those that nobody knows")
    )
    let flag = #"{"text": "x", "labels": ["a"], "unknown": true}"# + "\n"
    #expect(
      try message(flag, name: "a.jsonl").contains("data.unknown_column names another key for them"))
  }

  @Test func whatIsUnknownContradictsNothing() throws {
    let rows = try data("text,a,b\nx,1,-1\nx,1,1\nx,1,0\nx,-1,-1\nx,0,-1\ny,1,1\n", "a.csv")
    // Rows are compared with the first of their text: only the fifth contradicts it.
    #expect(LabelAudit(training: rows).parts[0].contradictionCount == 1)
  }

  @Test func rareLabelsAreRareAmongTheirKnownRows() throws {
    // a has one of four rows, b one of the two that are known.
    let rows = try data("text,a,b\nx,1,1\ny,0,0\nz,0,-1\nw,0,-1\n", "a.csv")
    let factors = RepeatFactors(rows, threshold: 0.64, seed: 1).factors
    #expect(abs(factors[0] - 1.6) < 1e-12 && factors.dropFirst() == [1, 1, 1])
    let only = try data("text,b\nx,1\ny,0\nz,-1\nw,-1\n", "a.csv")
    #expect(abs(RepeatFactors(only, threshold: 0.72, seed: 1).factors[0] - 1.2) < 1e-12)
  }

  @Test func theAuditTellsHowMuchIsUnknown() throws {
    let summary = LabelAudit(training: try data(Self.csv, "a.csv")).summary
    #expect(
      summary.contains(
        "training: cells of which nobody knows whether the label holds, which count nowhere "
          + "(44.44 %): 4"), "\(summary)")
    #expect(summary.contains("training: labels with most unknown rows: “a” 2, “b” 1, “c” 1"))
    let known = LabelAudit(training: try data("text,a\nx,1\n", "a.csv")).summary
    #expect(!known.contains { $0.contains("nobody") || $0.contains("unknown") })
  }
}

private func dataWithoutUnknown() throws -> Dataset { try data("text,a\nx,1\n", "a.csv") }
