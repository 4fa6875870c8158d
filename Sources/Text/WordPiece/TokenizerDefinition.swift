// What a WordPiece tokenizer is made from, and the fingerprint of that.

/// A vocabulary, the options, and the added tokens in the order in which they get ids.
struct TokenizerDefinition {
  var vocabulary: Vocabulary
  var options: TokenizerOptions
  var addedTokens: [AddedToken]
  /// Where the vocabulary came from, for messages.
  var source: String

  /// The added tokens with their ids. One that the vocabulary lacks gets the id after the number
  /// of different pieces, or after the highest added one; `tokenizers` counts so, too.
  func numberedTokens() -> [(token: AddedToken, id: Int32)] {
    var numbered: [(token: AddedToken, id: Int32)] = []
    var known: Set<[UInt8]> = []
    var highest: Int32 = -1
    for token in addedTokens where !token.content.isEmpty {
      guard known.insert(Array(token.content.utf8)).inserted else { continue }
      let next = max(Int32(vocabulary.count), highest + 1)
      let id = vocabulary.id(of: token.content) ?? next
      numbered.append((token, id))
      highest = max(highest, id)
    }
    return numbered
  }

  /// A hash of everything that token ids depend on.
  func fingerprint(added: [(token: AddedToken, id: Int32)]) -> String {
    var hash = FNV1a()
    func mix(_ bytes: some Sequence<UInt8>) {
      hash.mix(bytes)
      hash.mix(0xFF)  // No UTF-8 holds this byte: it ends a field.
    }
    mix("rules 1".utf8)
    for piece in vocabulary.pieces {
      mix(piece.bytes)
      mix("\(piece.id)".utf8)
    }
    let flags = [
      options.lowercases, options.stripsAccents ?? options.lowercases,
      options.separatesIdeographs, options.cleansText, options.truncatesLeft,
    ]
    mix("\(flags) \(options.maximumCharactersPerWord)".utf8)
    if let normalizers = options.normalizers { mix("\(normalizers)".utf8) }
    for token in [options.unknownToken, options.classToken, options.separatorToken] {
      mix(token.utf8)
    }
    for (token, id) in added {
      mix(token.content.utf8)
      let flags = [token.singleWord, token.stripsLeft, token.stripsRight, token.normalized]
      mix("\(id) \(flags)".utf8)
    }
    return hash.hexadecimal
  }
}
