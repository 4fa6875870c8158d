// `ddp-train tokenize`: standard input, one text a line → one JSON array of token ids a line.

import Foundation
import Text

/// Tokenizes standard input to standard output. Lines end with a line feed and nothing else, so
/// that a carriage return or another Unicode line end reaches the tokenizer as part of its text.
public func runTokenization(_ options: TokenizeOptions) throws {
  let tokenizer = try loadTokenizer(directory: options.model)
  // Half of what a number can hold: nothing is cut, and sums with it do not overflow.
  let limit = options.maxLength ?? .max / 2
  var ids: [Int32] = []
  try forEachInputLine { line in
    ids.removeAll(keepingCapacity: true)
    tokenizer.encode(utf8: line.span, maxLength: limit, into: &ids)
    let text = "[" + ids.map(String.init).joined(separator: ", ") + "]\n"
    try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
  }
}

/// The lines of standard input, without their line feeds.
private func forEachInputLine(_ body: ([UInt8]) throws -> Void) throws {
  var rest: [UInt8] = []
  while let chunk = try FileHandle.standardInput.read(upToCount: 1 << 16), !chunk.isEmpty {
    var lines = (rest + chunk).split(separator: 0x0A, omittingEmptySubsequences: false)
    rest = lines.popLast().map(Array.init) ?? []
    for line in lines { try body(Array(line)) }
  }
  if !rest.isEmpty { try body(rest) }
}
