// `ddp-train tokenize`: standard input, one text a line → one JSON array of token ids a line.

import Foundation
import Text

/// Tokenizes standard input to standard output.
public func runTokenization(_ options: TokenizeOptions) throws {
  let tokenizer = try WordPieceTokenizer(directory: options.model)
  let limit = options.maxLength ?? .max
  while let line = readLine(strippingNewline: true) {
    let ids = tokenizer.encode(line, maxLength: limit)
    print("[" + ids.map(String.init).joined(separator: ", ") + "]")
  }
}
