// Finding all strings of a set that begin at a place of a text, shortest first. The edges of all
// nodes lie in one table, so strings can be added in any order.

/// Byte strings with a number each, in a tree whose edges are bytes.
struct ByteTrie: Sendable {
  private var edges = IntegerTable()
  /// For each node the number of the string that ends there; −1 for none.
  private var values: [Int32] = [-1]

  /// The node of the empty string.
  static let root: Int32 = 0

  /// Whether there are no strings.
  var isEmpty: Bool { values.count == 1 }

  /// Adds a string; of two equal ones the later number counts.
  mutating func insert(_ string: some Sequence<UInt8>, _ value: Int32) {
    var node = Self.root
    for byte in string {
      var next = child(node, byte)
      if next < 0 {
        next = Int32(values.count)
        values.append(-1)
        edges.set(Self.key(node, byte), next)
      }
      node = next
    }
    values[Int(node)] = value
  }

  /// The node one byte further; −1 if no string goes on so.
  @inline(__always)
  func child(_ node: Int32, _ byte: UInt8) -> Int32 { edges.value(Self.key(node, byte)) }

  /// The number of the string that ends at a node; −1 for none.
  @inline(__always)
  func value(_ node: Int32) -> Int32 { values[Int(node)] }

  /// The number of the string `text[range]`; −1 if it is not in the set.
  func value(of text: Span<UInt8>, _ range: Range<Int>) -> Int32 {
    var node = Self.root
    for position in range {
      node = child(node, text[position])
      if node < 0 { return -1 }
    }
    return value(node)
  }

  /// The longest string that `text` has at `start`, with its number and its end.
  func longestPrefix(of text: Span<UInt8>, _ start: Int) -> (value: Int32, end: Int)? {
    var (node, position) = (Self.root, start)
    var found: (value: Int32, end: Int)?
    while position < text.count {
      node = child(node, text[position])
      if node < 0 { break }
      position += 1
      if value(node) >= 0 { found = (value(node), position) }
    }
    return found
  }

  @inline(__always)
  private static func key(_ node: Int32, _ byte: UInt8) -> UInt64 {
    UInt64(UInt32(bitPattern: node)) << 8 | UInt64(byte)
  }
}
