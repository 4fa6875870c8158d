extension Dataset {
  /// A number that changes with any token, label or label name of these rows, but for chance.
  public var fingerprint: UInt64 {
    var state = Fingerprint.start
    for name in labels.names { state = Fingerprint.mix(state, Fingerprint.hash(name)) }
    for row in 0..<rowCount {
      let (tokens, labels) = (tokenRange(row), labelRange(row))
      state = Fingerprint.mix(state, UInt64(tokens.count) << 32 | UInt64(labels.count))
      stored.tokens[tokens].withSpan { span in
        for index in span.indices {
          state = Fingerprint.mix(state, UInt64(UInt32(bitPattern: span[index])))
        }
      }
      labelIndices[labels].withSpan { span in
        for index in span.indices {
          state = Fingerprint.mix(state, UInt64(UInt32(bitPattern: span[index])))
        }
      }
    }
    return state
  }
}
