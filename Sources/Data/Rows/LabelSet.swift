import Text

/// The labels of a model, in the order of its outputs.
public struct LabelSet: Equatable, Sendable {
  /// The names, by index.
  public let names: [String]
  private let table: ByteStringTable

  /// The labels in the order given, as a saved model lists them. Throws
  /// `DataError.duplicateLabel`.
  public init(ordered names: [String]) throws(DataError) {
    var table = ByteStringTable()
    for name in names {
      let count = table.count
      guard table.intern(Array(name.utf8)) == count else { throw .duplicateLabel(name) }
    }
    self.names = names
    self.table = table
  }

  /// The distinct labels in the order of their UTF-8 bytes, which is that of their Unicode scalars
  /// and so of Python's `sorted`.
  public init(sorting names: some Sequence<String>) {
    var table = ByteStringTable()
    for name in names { _ = table.intern(Array(name.utf8)) }
    self.init(sorting: table)
  }

  /// The labels of a table in the order of their UTF-8 bytes.
  init(sorting names: ByteStringTable) {
    let sorted = (0..<names.count).map { names[$0] }
      .sorted { $0.lexicographicallyPrecedes($1) }
    var table = ByteStringTable()
    for name in sorted { _ = table.intern(name) }
    self.names = sorted.map { String(decoding: $0, as: UTF8.self) }
    self.table = table
  }

  /// Number of labels.
  public var count: Int { names.count }

  /// The index of a name, compared by its bytes; nil where it is not in the set.
  public func index(of name: String) -> Int? { index(of: Array(name.utf8)) }

  func index(of name: [UInt8]) -> Int? { table.index(of: name) }
}
