// What the program wants of a tokenizer. A new kind is a type that conforms to `Tokenizer`, and a
// line in `loadTokenizer`.

/// Turns texts into token ids. Free to use from many threads.
public protocol Tokenizer: Sendable {
  /// One more than the highest token id: the rows that the word embedding must have.
  var vocabularyCount: Int { get }
  /// A text that changes with anything that can change token ids, for the key of a token cache.
  var fingerprint: String { get }

  /// Appends the token ids of a text to `ids`, special tokens included, at most `maxLength` of
  /// them. Bytes that are not UTF-8 count as U+FFFD.
  func encode(utf8 text: Span<UInt8>, maxLength: Int, into ids: inout [Int32])

  /// The words of a text, in order, with the places of their tokens among those of `encode`.
  func placedWords(utf8 text: Span<UInt8>, maxLength: Int) -> [PlacedWord]

  /// The files to save beside a model, from which Hugging Face and `loadTokenizer` make this
  /// tokenizer again. Throws `TokenizerError.unreadable` where they are gone.
  func fileContents() throws -> [TokenizerFileContent]
}

extension Tokenizer {
  /// The token ids of `text`, special tokens included, `[T]`, T ≤ `maxLength`.
  public func encode(_ text: String, maxLength: Int) -> [Int32] {
    var ids: [Int32] = []
    encode(utf8: text.utf8.span, maxLength: maxLength, into: &ids)
    return ids
  }
}

/// A file of a tokenizer: its name and content.
public struct TokenizerFileContent: Equatable, Sendable {
  /// The name inside a model directory.
  public let name: String
  /// The content.
  public let bytes: [UInt8]

  /// A file of that name and content.
  public init(name: String, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
  }
}
