// Forms of data files that are read without being told.

import Data
import Foundation
import Testing

/// Rows of a file with this content.
private func rows(
  _ content: String, _ name: String = "a.csv", _ change: (inout DataColumns) -> Void = { _ in }
) throws -> Dataset {
  let directory = try TemporaryDirectory()
  var columns = DataColumns()
  change(&columns)
  return try dataset(try directory.write(content, to: name), columns: columns)
}

private func summary(
  _ content: String, _ name: String = "a.csv", _ change: (inout DataColumns) -> Void = { _ in }
) throws -> SourceSummary {
  let directory = try TemporaryDirectory()
  var columns = DataColumns()
  change(&columns)
  return try DataSource(path: directory.write(content, to: name), columns: columns).summary
}

@Suite struct FormTests {
  static let wide = "text,blue,red\nsky,1,0\nblood,0,1\nnothing,0,0\n"
  static let texts = ["sky", "blood", "nothing"]
  static let labels = [["blue"], ["red"], []]

  private func expectSame(_ data: Dataset) {
    #expect(data.texts == Self.texts)
    #expect(data.labelNamesOfRows == Self.labels)
    #expect(data.labels.names == ["blue", "red"])
  }

  @Test(arguments: [";", "\t", "|"]) func theHeaderShowsTheSeparator(separator: String) throws {
    let content = Self.wide.replacing(",", with: separator)
    for name in ["a.csv", "a.tsv", "a.txt"] { expectSame(try rows(content, name)) }
    expectSame(try rows("sep=\(separator)\r\n" + content.replacing("\n", with: "\r\n")))
    expectSame(try rows("\u{FEFF}\"sep=\(separator)\"\n" + content))
    expectSame(try rows(content) { $0.dialect.separator = separator == "\t" ? "\\t" : separator })
  }

  @Test func lineEndsOfOldSystemsAndQuotedHeadersAreRead() throws {
    expectSame(try rows(Self.wide.replacing("\n", with: "\r")))
    expectSame(
      try rows("\"text\",\"blue\",\"red\"\n\"sky\",\"1\",\"0\"\nblood,0,1\nnothing, 0 ,0\n"))
    expectSame(
      try rows(Self.wide.replacing(",0\n", with: ",False\n").replacing("1", with: "1.0")))
  }

  @Test func gzipIsUnpackedAndACutFileIsNoFile() throws {
    let directory = try TemporaryDirectory()
    // Made by Python: gzip.compress(b"text,blue,red\nsky,1,0\nblood,0,1\nnothing,0,0\n", mtime=0).
    let packed = try #require(
      Data(
        base64Encoded:
          "H4sIAAAAAAACAytJrSjRScopTdUpSk3hKs6u1DHUMeBKysnPT9Ex0DHkyssvycjMSweyDbgAE5SuWiwAAAA="))
    for name in ["a.csv.gz", "a.csv", "a.tsv.gz"] {
      expectSame(try dataset(directory.write(Array(packed), to: name)))
    }
    expectSame(try dataset(directory.write(Array(packed + packed.prefix(0)), to: "b.csv.gz")))
    for count in [20, packed.count - 1, packed.count - 8] {
      let path = try directory.write(Array(packed.prefix(count)), to: "cut.csv.gz")
      #expect(
        throws: DataError.wrongFormat(
          path: path, reason: "this gzip file is cut off: copy or download it again")
      ) { try dataset(path) }
    }
    var wrong = Array(packed)
    wrong[wrong.count - 6] ^= 1
    let path = try directory.write(wrong, to: "wrong.csv.gz")
    #expect(
      throws: DataError.wrongFormat(
        path: path, reason: "this gzip file is damaged: copy or download it again")
    ) { try dataset(path) }
    let joined = try directory.write(Array(packed + packed), to: "joined.csv.gz")
    // The second member's header is a row of the joined file.
    #expect(
      "\(try #require(throws: DataError.self) { try dataset(joined) })".contains("joined.csv.gz:5:")
    )
  }

  @Test func theIndexOfPandasIsPassedOverWithAWord() throws {
    let content =
      "Unnamed: 0,text,blue,red,Unnamed: 0.1\n0,sky,1,0,9\n1,blood,0,1,8\n2,nothing,0,0,7\n"
    expectSame(try rows(content))
    #expect(
      try summary(content).remarks == [
        "“Unnamed: 0” is passed over: an index that pandas wrote",
        "“Unnamed: 0.1” is passed over: an index that pandas wrote",
      ])
  }

  @Test func aColumnOfZerosAndOnesIsNoID() throws {
    let content = "text,de,id,it\na,0,1,0\nb,1,0,0\nc,0,1,1\n"
    let data = try rows(content)
    #expect(data.labels.names == ["de", "id", "it"] && data.ids == ["0", "1", "2"])
    #expect(try summary(content).remarks.first?.contains("taken as a label") == true)
    #expect(try rows(content) { $0.readsLabels = false }.ids == ["0", "1", "2"])
    // Two rows whose ids are 0 and 1 are well possible, and ids of 0, 1, 2 are usual.
    #expect(try rows("id,text,a\n0,x,0\n1,y,1\n").ids == ["0", "1"])
    #expect(try rows("id,text,a\n2,x,0\n1,y,1\n0,z,0\n").ids == ["2", "1", "0"])
  }

  @Test func theSummarySaysWhatWasTaken() throws {
    let wide = try summary(Self.wide.replacing(",", with: ";"))
    #expect(
      wide.line
        == "fields separated by “;”; text “text”, labels 2 columns of 0 and 1, “blue”, “red”, no id"
    )
    #expect(wide.labelColumns == ["blue", "red"])
    let lines = try summary("{\"text\": \"x\", \"labels\": [\"a\"]}\n", "a.jsonl")
    #expect(lines.line.hasPrefix("JSON Lines; text “text”, labels “labels”, lists of names"))
    #expect(lines.labelColumns == nil)
    let other = wide.remarks(onLabels: ["green", "red"], owner: "the model")
    #expect(
      other == [
        "there is no column for “green” of the model: 0 is taken in every row",
        "the column “blue” is no label of the model: passed over",
      ])
  }

  @Test func filesWithoutAHeaderAreReadByTheNamesGiven() throws {
    let content = "sky\t1\t0\nblood\t0\t1\nnothing\t0\t0\n"
    for name in ["a.tsv", "a.csv"] {
      expectSame(try rows(content, name) { $0.dialect.columnNames = ["text", "blue", "red"] })
    }
    #expect(
      try message(Self.wide, name: "a.csv") { $0.dialect.columnNames = ["text", "blue", "red"] }
        .contains("this line is a header with the names of data.column_names; leave that out"))
    #expect(
      try message(content + "few\n", name: "a.tsv") {
        $0.dialect.columnNames = ["text", "blue", "red"]
      } == "a.tsv:4: 1 field where data.column_names names 3")
  }

  @Test func emptyCellsAreZeroWhereTheKeySaysSo() throws {
    let content = "text,blue,red\nsky,1.0,\nblood,NaN,1.0\nnothing,,nan\n"
    expectSame(try rows(content) { $0.emptyCells = .zero })
    #expect(
      try message(content, name: "a.csv").hasPrefix(
        "a.csv:2: the label column “red” is empty: 0 or 1 is wanted; data.empty_cells=zero makes"))
    let lines = "{\"text\": \"x\", \"labels\": null}\n{\"text\": \"y\", \"labels\": NaN}\n"
    #expect(try rows(lines, "a.jsonl") { $0.emptyCells = .zero }.labelNamesOfRows == [[], []])
    #expect(try message(lines, name: "a.jsonl").contains("data.empty_cells=zero"))
  }

  @Test func quotesAreOrdinaryCharactersWhereTheKeySaysSo() throws {
    let content = "text\tblue\tred\n\"sky\t1\t0\nblo\"od\t0\t1\n\"x\" y\t0\t0\n"
    let data = try rows(content, "a.tsv") { $0.dialect.quoting = .never }
    #expect(data.texts == ["\"sky", "blo\"od", "\"x\" y"])
    #expect(data.labelNamesOfRows == Self.labels)
  }

  @Test func rowsWithoutATextAreLeftOutOrKept() throws {
    let content = "id,text,a\n7,x,1\n8,  ,0\n9,,1\n10,y,0\n"
    let directory = try TemporaryDirectory()
    let path = try directory.write(content, to: "a.csv")
    var columns = DataColumns()
    columns.emptyTexts = .skip
    let left = StoredRows(try read(path, columns: columns, parts: 3))
    #expect(Dataset(left).ids == ["7", "10"] && left.emptyLines == [3, 4])
    columns.emptyTexts = .keep
    let kept = Dataset(StoredRows(try read(path, columns: columns, parts: 3)))
    #expect(kept.ids == ["7", "8", "9", "10"])
    #expect((0..<4).map(kept.isEmpty) == [false, true, true, false])
    #expect(
      try message(content, name: "a.csv").hasPrefix(
        "a.csv:3: “text” is empty; data.empty_texts=skip leaves such rows out"))
    let null = "{\"text\": null, \"labels\": []}\n{\"text\": NaN, \"labels\": []}\n"
    #expect(
      try message(null, name: "a.jsonl") { $0.emptyTexts = .skip }
        .contains("no row has a text: all 2 are empty"))
  }

  @Test func repeatedIDsAreFound() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("id,text,l\n1,a,0\n2,b,1\n,c,0\n3,d,0\n3,e,1\n", to: "a.csv")
    let repeated = try #require(StoredRows(try read(path)).repeatedIDs)
    #expect(repeated.id == "2" && repeated.count == 2)
    let problem = try DataSource(path: path).problem(with: repeated)
    #expect("\(problem)".hasPrefix("\(path):4: the id “2” is that of line 3 too (2 rows"))
    let unique = try directory.write("id,text,l\n1,a,0\n2,b,1\n", to: "b.csv")
    #expect(StoredRows(try read(unique)).repeatedIDs == nil)
  }
}
