// From text to token ids: added tokens are cut out, what lies between is cleaned up, split into
// words, and each word into the longest pieces that the vocabulary has, from left to right.

extension WordPieceTokenizer {
  /// Appends the token ids of a text to `ids`, between [CLS] and [SEP], at most `maxLength` (at
  /// least 2) of them. Bytes that are not UTF-8 count as U+FFFD.
  public func encode(utf8 text: Span<UInt8>, maxLength: Int, into ids: inout [Int32]) {
    precondition(maxLength >= 2, "[CLS] and [SEP] need two tokens")
    ids.append(classID)
    let first = ids.count
    let limit = first + min(maxLength - 2, Int.max - first)
    appendPieces(of: text, stoppingAt: options.truncatesLeft ? Int.max : limit, to: &ids)
    if ids.count > limit {
      if options.truncatesLeft {
        ids.removeSubrange(first..<first + ids.count - limit)
      } else {
        ids.removeLast(ids.count - limit)
      }
    }
    ids.append(separatorID)
  }

  /// Appends the ids of all pieces, or at least enough of them for `ids` to hold `stop`.
  private func appendPieces(of text: Span<UInt8>, stoppingAt stop: Int, to ids: inout [Int32]) {
    var clean: [UInt8] = []
    clean.reserveCapacity(min(text.count, Self.chunkSize) + 64)
    var position = 0
    while ids.count < stop {
      let match = writtenTokens.firstMatch(in: text, from: position)
      let end = match?.start ?? text.count
      while position < end && ids.count < stop {
        let chunkEnd = canBeCutAtSpaces ? Self.endOfChunk(text, position, end) : end
        clean.removeAll(keepingCapacity: true)
        normalizer.normalize(text, from: position, to: chunkEnd, into: &clean)
        appendCleanText(clean.span, stoppingAt: stop, to: &ids)
        position = chunkEnd
      }
      guard let match else { return }
      ids.append(match.id)
      position = match.end
    }
  }

  /// Whether nothing reaches across a space before words are split.
  var canBeCutAtSpaces: Bool { normalizedTokens.isEmpty && normalizer.splitsAtSpaces }

  /// So many bytes are cleaned up before the next words are looked at, so that the end of a long
  /// text costs nothing once `maxLength` is reached.
  private static let chunkSize = 1024

  /// The end of a chunk, just before a space: nothing that the clean-up does reaches across one.
  private static func endOfChunk(_ text: Span<UInt8>, _ start: Int, _ end: Int) -> Int {
    var position = start + chunkSize
    while position < end && text[position] != 0x20 { position += 1 }
    return min(position, end)
  }

  private func appendCleanText(_ text: Span<UInt8>, stoppingAt stop: Int, to ids: inout [Int32]) {
    var position = 0
    while let match = normalizedTokens.firstMatch(in: text, from: position) {
      forEachWord(text, position, match.start) { model.append(text, $0, $1, to: &ids) }
      ids.append(match.id)
      position = match.end
    }
    forEachWord(text, position, text.count) { start, end in
      if ids.count < stop { model.append(text, start, end, to: &ids) }
    }
  }
}
