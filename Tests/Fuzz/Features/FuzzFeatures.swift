// Any bytes as features.tsv, the n-grams of a linear model. What is taken is the list that it would
// be written as, and features of a text are ids of it, in order, with finite values.

import Text

private let text = Array("The unaffable é日 x, the quick brown fox 12.5 times over again".utf8)

/// Checks one input; called by libFuzzer.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: data, count: count))
  guard let list = try? NGramVocabulary(fileContent: bytes, path: "features.tsv") else { return 0 }
  guard let again = try? NGramVocabulary(fileContent: list.fileContent, path: "features.tsv") else {
    fatalError("a list is refused as it was written")
  }
  precondition(again.fileContent == list.fileContent && again.fingerprint == list.fingerprint)
  var ids: [Int32] = []
  var values: [Float] = []
  list.features(utf8: text.span, ids: &ids, values: &values)
  precondition(ids.count == values.count && values.allSatisfy(\.isFinite))
  precondition(ids.allSatisfy { $0 >= 0 && $0 < list.count })
  precondition(zip(ids, ids.dropFirst()).allSatisfy { $0 < $1 })
  return 0
}
