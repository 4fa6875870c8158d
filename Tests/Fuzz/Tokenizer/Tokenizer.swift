// Any bytes as a text, and as tokenizer.json or vocab.txt. Token ids are those of the vocabulary,
// between [CLS] and [SEP], at most as many as asked for; a shorter limit cuts, and changes nothing
// before the cut.

import Foundation
import FuzzSupport
import Text

private let pieces =
  ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "un", "##aff", "##able", "é", "日"]
  + (UInt8(33)..<127).flatMap { byte in
    let letter = Character(UnicodeScalar(byte))
    return ["\(letter)", "##\(letter)"]
  }

private let tokenizers = [true, false].map { lowercases in
  var options = TokenizerOptions()
  options.lowercases = lowercases
  guard let tokenizer = try? WordPieceTokenizer(vocabulary: pieces, options: options) else {
    fatalError("the vocabulary makes no tokenizer")
  }
  return tokenizer
}
private let directory = "\(ScratchFile("tokenizer").path).d"
private let isReady: Bool =
  (try? FileManager.default.createDirectory(
    atPath: directory, withIntermediateDirectories: true)) != nil

/// Checks one input; called by libFuzzer.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let data, count > 0 else { return 0 }
  let rest = Array(UnsafeBufferPointer(start: data + 1, count: count - 1))
  switch data[0] % 4 {
  case 0: readDefinition("tokenizer.json", rest)
  case 1: readDefinition("vocab.txt", rest)
  default: encode(rest, with: tokenizers[Int(data[0] % 2)])
  }
  return 0
}

private func encode(_ text: [UInt8], with tokenizer: WordPieceTokenizer) {
  var whole: [Int32] = []
  var short: [Int32] = []
  tokenizer.encode(utf8: text.span, maxLength: .max, into: &whole)
  tokenizer.encode(utf8: text.span, maxLength: 8, into: &short)
  precondition(whole.first == tokenizer.classID && whole.last == tokenizer.separatorID)
  precondition(whole.allSatisfy { $0 >= 0 && $0 < tokenizer.vocabularyCount })
  precondition(short.count == min(whole.count, 8))
  precondition(short.dropLast().elementsEqual(whole.prefix(short.count - 1)))
}

private func readDefinition(_ name: String, _ bytes: [UInt8]) {
  precondition(isReady)
  let path = "\(directory)/\(name)"
  FileManager.default.createFile(atPath: path, contents: Data(bytes))
  defer { try? FileManager.default.removeItem(atPath: path) }
  guard let tokenizer = try? loadTokenizer(directory: directory) as? WordPieceTokenizer else {
    return
  }
  encode(Array("the unaffable é日 [SEP] x".utf8), with: tokenizer)
}
