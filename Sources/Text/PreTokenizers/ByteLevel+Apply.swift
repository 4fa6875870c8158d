// GPT-2's pre-tokenizer.

extension ByteLevel {
  /// Splits the words of a text, and writes them in the alphabet of bytes if that is wanted.
  func apply(to text: inout WordText) {
    if addsPrefixSpace, text.words.contains(where: { text.text.bytes[$0.lowerBound] != 0x20 }) {
      addPrefixSpaces(to: &text)
    }
    if usesExpression {
      let scanner = GPT2Scanner()
      text.splitWords { word, bytes, words, _ in
        var position = word.lowerBound
        while position < word.upperBound {
          let end = scanner.endOfWord(bytes, position, word.upperBound)
          words.append(position..<end)
          position = end
        }
      }
    }
    if writesAlphabet {
      text.rewriteWords { word, old, new, words in
        let start = new.count
        for place in word {
          new.append(
            PlacedScalar(
              scalar: ByteAlphabet.scalars[Int(old.bytes[place])], source: old.source(place)))
        }
        words.append(start..<new.count)
      }
    }
  }

  private func addPrefixSpaces(to text: inout WordText) {
    text.rewriteWords { word, old, new, words in
      let start = new.count
      if old.bytes[word.lowerBound] != 0x20 {
        new.append(0x20, source: old.source(word.lowerBound))
      }
      new.append(old, word)
      words.append(start..<new.count)
    }
  }
}
