import Memory

extension Dataset {
  /// A number that changes with any token (or text, where rows have no tokens), label or label name
  /// of these rows, but for chance.
  public var fingerprint: UInt64 {
    var state = Fingerprint.start
    for name in labels.names { state = Fingerprint.mix(state, Fingerprint.hash(name)) }
    for row in 0..<rowCount {
      let (stored, labels) = (storedRow(row), labelRange(row))
      let length = self.stored.length(stored)
      state = Fingerprint.mix(state, UInt64(length) << 32 | UInt64(labels.count))
      state = self.stored.mix(stored, into: state)
      labelIndices.values[labels].withSpan { span in
        for index in span.indices {
          state = Fingerprint.mix(state, UInt64(UInt32(bitPattern: span[index])))
        }
      }
      // A data set of which all is known has the number that it had before cells could be unknown.
      let unknown = unknownIndices(row)
      if !unknown.isEmpty {
        state = Fingerprint.mix(state, UInt64(unknown.count) << 32)
        for label in unknown { state = Fingerprint.mix(state, UInt64(label)) }
      }
    }
    return state
  }
}
