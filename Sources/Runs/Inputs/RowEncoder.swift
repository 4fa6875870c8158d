import Data
import Text

/// What a model reads of the texts of rows, and the files that belong to that.
package struct RowEncoder {
  let content: RowContent
  /// The files to be saved with each model; read once, whatever happens to their directory.
  let files: [TokenizerFileContent]

  /// Token ids, at most `maxLength` a row, and the texts too if a model counts their words.
  init(_ tokenizer: any Tokenizer, maxLength: Int, keepsTexts: Bool) throws {
    content =
      keepsTexts
      ? .tokensAndTexts(tokenizer, maxLength: maxLength) : .tokens(tokenizer, maxLength: maxLength)
    files = try tokenizer.fileContents()
  }

  /// The texts alone.
  private init() {
    content = .texts
    files = []
  }

  /// The texts alone.
  static var texts: RowEncoder { RowEncoder() }
}
