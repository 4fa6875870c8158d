// Any bytes as a data file. The first byte chooses the form: JSON Lines, CSV with a column of
// names, CSV with a column a label, TSV, a JSON array, gzip, names by number; the second one the
// keys by which it is read. Read in one part or in three, it gives the same rows or the same
// complaints.

import Data
import FuzzSupport
import Text

/// Token ids that are the bytes of the text.
private struct ByteTokenizer: Tokenizer {
  let fingerprint = "bytes"
  let vocabularyCount = 256

  func encode(utf8 text: Span<UInt8>, maxLength: Int, into ids: inout [Int32]) {
    for index in 0..<min(text.count, maxLength) { ids.append(Int32(text[index])) }
  }

  func fileContents() -> [TokenizerFileContent] { [] }
}

private let forms = ["jsonl", "csv", "csv", "tsv", "json", "csv.gz", "jsonl", "csv", "txt"]
private let files = forms.indices.map { ScratchFile("rows-\($0).\(forms[$0])") }

/// The columns by which a form is read.
private func columns(_ form: Int, _ choice: Int) -> DataColumns {
  var columns = DataColumns()
  if form == 1 || form == 7 { columns.labels = "labels" }
  if form >= 6 { columns.labelNames = .list(["a", "b", "c"]) }
  columns.emptyCells = choice & 1 == 0 ? .error : .zero
  columns.emptyTexts = [.error, .skip, .keep, .error][choice >> 1 & 3]
  columns.readsLabels = choice & 8 == 0
  columns.dialect.quoting = [nil, nil, .minimal, .never][choice >> 4 & 3]
  if choice & 64 != 0 { columns.labelsSeparator = "|" }
  if choice & 128 != 0 { columns.dialect.columnNames = ["text", "labels", "b"] }
  return columns
}

/// Checks one input; called by libFuzzer. The first byte is the form and how it is read.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let data, count > 1 else { return 0 }
  let form = Int(data[0]) % forms.count
  files[form].write(UnsafeBufferPointer(start: data + 2, count: count - 2))
  let columns = columns(form, Int(data[1]))
  guard let source = try? DataSource(path: files[form].path, columns: columns) else { return 0 }
  let content = RowContent.tokensAndTexts(ByteTokenizer(), maxLength: 64)
  let whole = source.encode(keeping: content)
  let parts = (0..<3).map { source.encode(part: $0, of: 3, keeping: content) }
  let merged = EncodedRows(concatenating: parts)
  if let sample = try? FileSample(path: files[form].path) { _ = try? ColumnGuess(sample, .init()) }
  precondition(whole.badRows == merged.badRows, "bad rows differ when the file is read in parts")
  if whole.badRows.isEmpty { precondition(whole == merged, "rows differ when read in parts") }
  return 0
}
