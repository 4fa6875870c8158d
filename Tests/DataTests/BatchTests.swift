import Data
import Testing

private func sample() throws -> Dataset {
  let directory = try TemporaryDirectory()
  let path = try directory.write(
    """
    text,a,b,c,d
    xy,1,0,1,0
    z,0,0,0,0
    xy,0,1,0,0
    long text,1,1,1,0
    """, to: "rows.csv")
  return try dataset(path)
}

@Test func aBatchIsItsRowsEndToEnd() throws {
  let data = try sample()
  let batch = Batch(data, rows: [3, 1, 0])
  #expect(batch.rows == [3, 1, 0])
  #expect(batch.offsets == [0, 11, 14, 18])
  #expect(batch.tokenIDs.array == [3, 1, 0].flatMap { data.tokens($0)?.array ?? [] })
  #expect(batch.labelOffsets == [0, 3, 3, 5])
  #expect(batch.labelIndices == [0, 1, 2, 0, 2])
}

@Test func emptyBatchesAreBatches() throws {
  let empty = Batch(try sample(), rows: [])
  #expect((empty.rowCount, empty.tokenCount) == (0, 0))
  #expect(empty.offsets == [0])
}

@Test func aSubsetShowsItsRowsOnly() throws {
  let data = try sample()
  let subset = data.subset([3, 1]).subset([1, 0])
  #expect(subset.texts == ["z", "long text"])
  #expect(subset.ids == ["1", "3"])
  #expect(subset.rowLengths == [3, 11])
  #expect(Batch(subset, rows: [1]).labelIndices == [0, 1, 2])
  #expect(LabelCounts(subset).positives == [1, 1, 1, 0])
}

@Test func labelsAreCountedAndSortedIntoBins() throws {
  let counts = LabelCounts(try sample())
  #expect(counts.positives == [2, 2, 2, 0])
  #expect(counts.unlabeledRowCount == 1)
  #expect(counts.labelsWithoutPositives == [3])
  #expect(counts.labelsPerRow == 1.5)
  let bins = counts.histogram(bounds: [0, 1, 2, 5])
  #expect(bins.map(\.name) == ["0", "1", "2–4", "≥ 5"])
  #expect(bins.map(\.labelCount) == [1, 0, 3, 0])
}

@Test func theAuditTellsWhatTheSplitsShareAndLack() throws {
  let training = try sample()
  let directory = try TemporaryDirectory()
  let path = try directory.write(
    "text,labels\nxy,a\nother,e;a\nother,\n", to: "validation.csv")
  var columns = DataColumns()
  columns.labels = "labels"
  columns.labelsSeparator = ";"
  let validation = Dataset(
    StoredRows(try read(path, columns: columns)), labels: training.labels)
  let audit = LabelAudit(training: training, validation: validation)
  #expect(audit.parts.map(\.repeatedRowCount) == [1, 1])
  #expect(audit.parts[1].rowCountSharedWithTraining == 1)
  #expect(audit.labelsAbsent(from: "validation") == [1, 2])
  #expect(
    audit.summary == [
      "labels: 4; by positives in training: 0: 1, 1–4: 3, 5–19: 0, 20–99: 0, 100–499: 0, ≥ 500: 0",
      "most frequent labels: “a” 2, “b” 2, “c” 2, …",
      "labels that hold in the same training rows as another: “c” as “a”",
      "training: 4 rows, 1.5 labels a row",
      "training: rows without a label: 1",
      "training: rows with the text of an earlier row: 1",
      "training: rows with the text of an earlier row and other labels: 1",
      "training: labels without a positive row: 1",
      "validation: 3 rows, 0.67 labels a row",
      "validation: rows without a label: 1",
      "validation: rows with the text of an earlier row: 1",
      "validation: rows with the text of an earlier row and other labels: 1",
      "validation: rows with a text of the training rows: 1",
      "validation: labels of training that do not occur: 2",
      "validation: labels that training lacks, ignored (“e” 1): 1",
    ])
}
