import Storage

/// Options of `ddp-train tokenize`, which reads standard input and writes standard output.
public struct TokenizeOptions: Sendable, Equatable {
  /// Directory that holds the tokenizer's files, also where it was given as that of a run.
  public let model: String
  /// Most tokens of a line, [CLS] and [SEP] included; nil cuts nothing.
  public var maxLength: Int?

  /// Options of a tokenization.
  public init(model: String, maxLength: Int? = nil) {
    self.model = modelDirectory(of: model)
    self.maxLength = maxLength
  }
}
