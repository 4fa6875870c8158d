// Any bytes as a data file. The first byte chooses the form: JSON Lines, CSV with a column of
// names, CSV with a column a label, TSV. Read in one part or in three, it gives the same rows or
// the same complaints.

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

private let forms = ["jsonl", "csv", "csv", "tsv"]
private let files = forms.indices.map { ScratchFile("rows-\($0).\(forms[$0])") }

/// Checks one input; called by libFuzzer.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let data, count > 0 else { return 0 }
  let form = Int(data[0]) % forms.count
  files[form].write(UnsafeBufferPointer(start: data + 1, count: count - 1))
  var columns = DataColumns()
  if form == 1 { columns.labels = "labels" }
  guard let source = try? DataSource(path: files[form].path, columns: columns) else { return 0 }
  let content = RowContent.tokensAndTexts(ByteTokenizer(), maxLength: 64)
  let whole = source.encode(keeping: content)
  let parts = (0..<3).map { source.encode(part: $0, of: 3, keeping: content) }
  let merged = EncodedRows(concatenating: parts)
  precondition(whole.badRows == merged.badRows, "bad rows differ when the file is read in parts")
  if whole.badRows.isEmpty { precondition(whole == merged, "rows differ when read in parts") }
  return 0
}
