// From text to token ids: added tokens are cut out, what lies between goes through normalizers,
// pre-tokenizers and model.

extension PipelineTokenizer {
  /// Appends the token ids of a text to `ids`, special tokens included, at most `maxLength` of
  /// them. Bytes that are not UTF-8 count as U+FFFD.
  public func encode(utf8 text: Span<UInt8>, maxLength: Int, into ids: inout [Int32]) {
    let start = ids.count
    for token in frame.before { ids.append(token.id) }
    let first = ids.count
    let limit = first + min(max(0, maxLength - frame.count), Int.max - first)
    withWorkspace { workspace in
      appendTokens(of: text, stoppingAt: truncatesLeft ? Int.max : limit, to: &ids, &workspace)
    }
    if ids.count > limit {
      if truncatesLeft {
        ids.removeSubrange(first..<first + ids.count - limit)
      } else {
        ids.removeLast(ids.count - limit)
      }
    }
    for token in frame.after { ids.append(token.id) }
    ids.removeLast(max(0, ids.count - start - maxLength))
  }

  /// Appends the ids of all tokens, or at least enough of them for `ids` to hold `stop`.
  private func appendTokens(
    of text: Span<UInt8>, stoppingAt stop: Int, to ids: inout [Int32],
    _ workspace: inout PipelineWorkspace
  ) {
    var position = 0
    while ids.count < stop {
      let match = writtenTokens.firstMatch(in: text, from: position)
      let end = match?.start ?? text.count
      normalize(text, position..<end, &workspace)
      var start = 0
      while let match = normalizedTokens.firstMatch(in: workspace.segment.bytes.span, from: start) {
        appendWords(start..<match.start, stoppingAt: stop, to: &ids, &workspace)
        ids.append(match.id)
        start = match.end
      }
      appendWords(start..<workspace.segment.count, stoppingAt: stop, to: &ids, &workspace)
      guard let match else { return }
      ids.append(match.id)
      position = match.end
    }
  }

  /// Puts the normal form of a stretch of the text into the workspace.
  func normalize(_ text: Span<UInt8>, _ range: Range<Int>, _ workspace: inout PipelineWorkspace) {
    workspace.segment.removeAll()
    workspace.segment.append(original: text, range)
    normalizers.normalize(&workspace.segment, &workspace.scratch)
    workspace.words.beginsRow = range.lowerBound == 0
  }

  /// Splits a stretch of the normal form into words.
  func split(_ range: Range<Int>, _ workspace: inout PipelineWorkspace) {
    workspace.words.begin(workspace.segment, range)
    if range.lowerBound > 0 { workspace.words.beginsRow = false }
    for preTokenizer in preTokenizers { preTokenizer.apply(to: &workspace.words) }
  }

  private func appendWords(
    _ range: Range<Int>, stoppingAt stop: Int, to ids: inout [Int32],
    _ workspace: inout PipelineWorkspace
  ) {
    if range.isEmpty || ids.count >= stop { return }
    split(range, &workspace)
    let (bytes, words) = (workspace.words.text.bytes, workspace.words.words)
    for word in words {
      model.append(bytes.span, word, to: &ids, &workspace.model)
      if ids.count >= stop { return }
    }
  }
}
