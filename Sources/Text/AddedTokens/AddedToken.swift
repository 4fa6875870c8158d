/// A token that is found in the text before words are split: `[MASK]`, or one that a user added.
/// The flags are those of Hugging Face's `AddedToken`.
public struct AddedToken: Equatable, Sendable {
  /// The text that stands for the token.
  public var content: String
  /// Found only if no letter, digit, mark or underscore touches it.
  public var singleWord: Bool
  /// Swallows white space on its left.
  public var stripsLeft: Bool
  /// Swallows white space on its right.
  public var stripsRight: Bool
  /// Searched after the clean-up, in its own cleaned-up form, instead of in the text as written.
  public var normalized: Bool

  /// A token found wherever it is written exactly so, unless a flag says otherwise.
  public init(
    _ content: String, singleWord: Bool = false, stripsLeft: Bool = false,
    stripsRight: Bool = false, normalized: Bool = false
  ) {
    self.content = content
    self.singleWord = singleWord
    self.stripsLeft = stripsLeft
    self.stripsRight = stripsRight
    self.normalized = normalized
  }
}
