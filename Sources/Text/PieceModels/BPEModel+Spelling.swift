// The symbols that a word consists of before anything is merged.

extension BPEModel {
  /// Appends the symbols of a word.
  func spell(_ text: Span<UInt8>, _ word: Range<Int>, _ symbols: inout [Symbol]) {
    var unknown: Int32?
    if options.readsBytes, options.continuationPrefix.isEmpty, options.wordSuffix.isEmpty {
      for place in word { append(byteIDs[Int(text[place])], &symbols, &unknown) }
    } else {
      var position = word.lowerBound
      while position < word.upperBound {
        let start = position
        _ = decodeScalar(text, at: &position, end: word.upperBound)
        spell(text, start..<position, of: word, &symbols, &unknown)
      }
    }
    flush(&symbols, &unknown)
  }

  /// Appends a known piece, or holds an unknown one back until it is known whether another follows.
  private func append(_ id: Int32, _ symbols: inout [Symbol], _ unknown: inout Int32?) {
    if id >= 0 {
      flush(&symbols, &unknown)
      symbols.append(Symbol(id: id, previous: -1, next: -1))
    } else if let unknownID = options.unknownID {
      if !options.fusesUnknown { flush(&symbols, &unknown) }
      unknown = unknownID
    }
  }

  private func flush(_ symbols: inout [Symbol], _ unknown: inout Int32?) {
    if let id = unknown { symbols.append(Symbol(id: id, previous: -1, next: -1)) }
    unknown = nil
  }

  /// One character.
  private func spell(
    _ text: Span<UInt8>, _ character: Range<Int>, of word: Range<Int>,
    _ symbols: inout [Symbol], _ unknown: inout Int32?
  ) {
    let prefix = character.lowerBound > word.lowerBound ? options.continuationPrefix : []
    let suffix = character.upperBound == word.upperBound ? options.wordSuffix : []
    if prefix.isEmpty && suffix.isEmpty {
      if let id = pieces.id(of: text, character.lowerBound, character.upperBound) {
        return append(id, &symbols, &unknown)
      }
      if options.fallsBackToBytes, appendBytes(text, character, &symbols) { return }
    } else {
      let written = prefix + character.map { text[$0] } + suffix
      if let id = pieces.id(of: written.span, 0, written.count) {
        return append(id, &symbols, &unknown)
      }
      if options.fallsBackToBytes, appendBytes(written.span, written.indices, &symbols) { return }
    }
    append(-1, &symbols, &unknown)
  }

  /// Appends the pieces of bytes, if there is one for each. An unknown character that is held back
  /// comes behind them, as it does in the library `tokenizers`.
  private func appendBytes(
    _ text: Span<UInt8>, _ range: Range<Int>, _ symbols: inout [Symbol]
  ) -> Bool {
    guard range.allSatisfy({ byteIDs[Int(text[$0])] >= 0 }) else { return false }
    for place in range {
      symbols.append(Symbol(id: byteIDs[Int(text[place])], previous: -1, next: -1))
    }
    return true
  }
}
