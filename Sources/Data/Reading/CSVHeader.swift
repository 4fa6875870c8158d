import Storage
import Text

/// What each column of a CSV file holds.
struct CSVHeader {
  enum Role: Equatable {
    case text
    case id
    case labels
    case label(Int32)
    case unknownLabels
    case group
    case date
    case ignored
  }

  let names: [String]
  let roles: [Role]
  /// The labels that have columns of their own, in column order.
  let labelNames: ByteStringTable

  /// Assigns the columns `names` of the file `path`. Throws `DataError.badHeader`.
  init(names: [String], columns: DataColumns, path: String) throws(DataError) {
    func fail(_ reason: String) -> DataError { .badHeader(path: path, reason: reason) }
    if columns.labels != nil, columns.labelsSeparator.isEmpty {
      throw fail("data.labels_separator is empty: it must be what stands between two labels")
    }
    var seen = ByteStringTable()
    for name in names where !name.isEmpty {
      let count = seen.count
      guard seen.intern(Array(name.utf8)) == count else {
        throw fail("two columns are named “\(excerpt(name))”")
      }
    }
    let keyed = [
      (columns.text, "text_column"), (columns.labels, "labels_column"),
      (columns.unknownColumn, "unknown_column"),
      (columns.group, "group_column"), (columns.date, "date_column"),
    ]
    for (wanted, key) in keyed {
      let isOfLabels = ["labels_column", "unknown_column"].contains(key)
      guard let wanted, !isOfLabels || columns.readsLabels else { continue }
      guard seen.index(of: Array(wanted.utf8)) == nil else { continue }
      let hint = nearestName(to: wanted, among: names).map { "; did you mean “\($0)”?" } ?? ""
      throw fail("there is no column “\(wanted)” (data.\(key))\(hint)")
    }
    var labelNames = ByteStringTable()
    var roles: [Role] = []
    for name in names {
      if name == columns.text {
        roles.append(.text)
      } else if columns.readsLabels, name == columns.labels {
        roles.append(.labels)
      } else if columns.readsLabels, name == columns.unknownColumn {
        roles.append(.unknownLabels)
      } else if name == columns.group {
        roles.append(.group)
      } else if name == columns.date {
        roles.append(.date)
      } else if name == columns.id {
        roles.append(.id)
      } else if name.isEmpty || columns.ignored.contains(name) || columns.labels != nil
        || !columns.readsLabels
      {
        // A column without a name is the index that pandas writes.
        roles.append(.ignored)
      } else {
        roles.append(.label(Int32(labelNames.intern(Array(name.utf8)))))
      }
    }
    if columns.readsLabels, columns.labels == nil, labelNames.count == 0 {
      throw fail("there is no label column: every column but text and id is one")
    }
    self.names = names
    self.roles = roles
    self.labelNames = labelNames
  }
}
