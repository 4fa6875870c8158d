import Data
import Text

/// What turns the texts of rows into what a model reads of them, and the files that belong to it.
package struct RowEncoder {
  let encoder: any TokenEncoder
  /// Whether it keeps the texts themselves, for features of their words.
  let keepsText: Bool
  /// The files to be saved with each model; read once, whatever happens to their directory.
  let files: [TokenizerFileContent]

  /// Token ids of a BERT.
  init(_ tokenizer: WordPieceTokenizer) throws {
    encoder = tokenizer
    keepsText = false
    files = try tokenizer.fileContents()
  }

  /// The texts.
  private init() {
    encoder = TextBytes()
    keepsText = true
    files = []
  }

  /// Keeps the texts.
  static var text: RowEncoder { RowEncoder() }
}
