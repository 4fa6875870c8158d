/// Options of `ddp-train tokenize`, which reads standard input and writes standard output.
public struct TokenizeOptions: Sendable, Equatable {
  /// Directory that holds the tokenizer's files.
  public var model: String
  /// Most tokens of a line, [CLS] and [SEP] included; nil cuts nothing.
  public var maxLength: Int?

  /// Options of a tokenization.
  public init(model: String, maxLength: Int? = nil) {
    self.model = model
    self.maxLength = maxLength
  }
}
