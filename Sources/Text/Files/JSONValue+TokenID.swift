import Storage

extension JSONValue {
  /// A number that is a token id: small enough that another can follow it.
  var tokenID: Int32? {
    integer.flatMap { 0..<(1 << 30) ~= $0 ? Int32($0) : nil }
  }
}
