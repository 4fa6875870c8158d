import Text

/// Rows that have the id of an earlier row.
public struct RepeatedIDs: Equatable, Sendable {
  /// The first of these ids.
  public let id: String
  /// The row that has it first, and the one that has it again.
  public let rows: (first: Int, second: Int)
  /// How many rows there are of this kind.
  public let count: Int

  /// A sentence about them.
  public var remark: String {
    let rows = count == 1 ? "1 row has" : "\(count) rows have"
    return "\(rows) the id of an earlier row, such as “\(excerpt(id))”"
  }

  /// Whether both say the same.
  public static func == (left: RepeatedIDs, right: RepeatedIDs) -> Bool {
    left.id == right.id && left.rows == right.rows && left.count == right.count
  }
}

extension StoredRows {
  /// Rows that have the id of an earlier row; nil where there is none.
  public var repeatedIDs: RepeatedIDs? {
    var (table, firstRows) = (ByteStringTable(), [Int]())
    var found: (id: String, first: Int, second: Int)?
    var count = 0
    for row in 0..<rowCount {
      let number = table.intern(ids[row].array)
      if number == firstRows.count {
        firstRows.append(row)
      } else {
        count += 1
        found = found ?? (id(row), firstRows[number], row)
      }
    }
    return found.map {
      RepeatedIDs(id: $0.id, rows: ($0.first, $0.second), count: count)
    }
  }
}
