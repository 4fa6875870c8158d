// Single values and texts, from rank to rank. Ranks run the same program on like machines, so a
// value's bytes mean the same on all of them.

extension Communicator {
  /// Every rank's value, by rank, on every rank.
  public func allGather<Value: BitwiseCopyable>(_ mine: Value) throws -> [Value] {
    try allGather(bytes(of: mine)).map { value(of: $0[...]) }
  }

  /// Every rank's text, by rank, on every rank.
  public func allGather(_ text: String) throws -> [String] {
    try allGather(Array(text.utf8)).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Rank 0's value, on every rank.
  public func broadcast<Value: BitwiseCopyable>(_ mine: Value) throws -> Value {
    value(of: try broadcast(bytes(of: mine))[...])
  }

  /// Rank 0's text, on every rank.
  public func broadcast(_ text: String) throws -> String {
    String(decoding: try broadcast(Array(text.utf8)), as: UTF8.self)
  }
}

/// The bytes of a value.
func bytes<Value: BitwiseCopyable>(of value: Value) -> [UInt8] {
  withUnsafeBytes(of: value) { Array($0) }
}

/// The value that has these bytes.
func value<Value: BitwiseCopyable>(of bytes: ArraySlice<UInt8>) -> Value {
  precondition(bytes.count == MemoryLayout<Value>.size, "ranks exchange values of one type")
  return bytes.withUnsafeBytes { $0.loadUnaligned(as: Value.self) }
}
