// Normalizers one after the other, over text that knows where it came from. Token ids equal those
// of the library `tokenizers`.

/// Any normalizers; the plain `BertNormalizer` has a quicker way (`TextNormalizer`).
struct NormalizationSequence: Sendable {
  private let actions: [NormalizationAction]

  /// Normalizers as tokenizer.json lists them.
  init(_ steps: [NormalizationStep]) { actions = steps.map(NormalizationAction.init) }

  /// Whether nothing is changed.
  var isEmpty: Bool { actions.isEmpty }

  /// Replaces `text` by its normal form. `scratch` is for this function alone.
  func normalize(_ text: inout SourcedText, _ scratch: inout SourcedText) {
    for action in actions {
      if action.isIdle(text) { continue }
      scratch.removeAll()
      scratch.reserve(text.count + text.count / 4)
      action.write(text, to: &scratch)
      swap(&text, &scratch)
    }
  }

  /// The normal form of the bytes from `start` to `end`, with the places that it came from.
  func normalize(_ text: Span<UInt8>, from start: Int, to end: Int) -> SourcedText {
    var (result, scratch) = (SourcedText(isTracked: true), SourcedText(isTracked: true))
    result.append(original: text, start..<end)
    normalize(&result, &scratch)
    return result
  }
}
