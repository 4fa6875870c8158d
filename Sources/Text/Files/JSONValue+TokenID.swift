import Storage

extension JSONValue {
  /// A number that is a token id.
  var tokenID: Int32? { integer.flatMap { Int32(exactly: $0) } }
}
