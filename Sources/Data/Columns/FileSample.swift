// The first rows of a data file as they stand, to find out what its columns hold.

import Memory
import Storage
import Text

/// The columns of the first rows of a file.
public struct FileSample {
  /// How many rows are looked at, at most.
  public static let rowLimit = 2_000
  /// Of files with many columns fewer rows are looked at, so that this takes no time to speak of.
  private static let cellLimit = 400_000
  private static let leastRows = 50

  /// The columns, in the order of the file.
  public private(set) var columns: [SampledColumn] = []
  /// Rows that were read.
  public private(set) var rowCount = 0
  /// How many fields each row has where all have as many; else nil.
  private(set) var fieldCount: Int?
  let layout: FileLayout

  /// The file's path as the user wrote it.
  public var path: String { layout.data.path }

  /// Reads the beginning of a file. Throws `DataError` and `FileError`.
  /// - Parameter text: the column of the text, where the user has named it.
  public init(
    path: String, text: String? = nil, dialect: DataDialect = DataDialect(),
    style: SettingStyle = .fit
  ) throws {
    let hints = FileLayout.Hints(text: text, dialect: dialect, style: style)
    self.init(try FileLayout(DataFile(path: path), hints))
    guard rowCount > 0 else { throw DataError.noRows(path: path) }
  }

  /// Reads the first rows. What is wrong with one is for the reader of the whole file to name.
  init(_ layout: FileLayout) {
    self.layout = layout
    if case .delimited(let dialect) = layout.form {
      readFields(dialect)
    } else {
      readObjects()
    }
  }

  /// The same rows, with what says that nobody knows; nil if nothing does.
  func marking(unknown: UnknownMark?) -> FileSample {
    var sample = self
    for index in sample.columns.indices { sample.columns[index].unknown = unknown }
    return sample
  }

  /// The column of that name.
  public func column(_ name: String) -> SampledColumn? { columns.first { $0.name == name } }

  private func rowLimit(columns: Int) -> Int {
    min(Self.rowLimit, max(Self.leastRows, Self.cellLimit / max(columns, 1)))
  }

  /// Hands the records over until `body` returns false.
  private func forEachRecord(_ body: (Range<Int>, Span<UInt8>) -> Bool) {
    layout.data.file.bytes.withSpan { bytes in
      var start = layout.firstRow.offset
      while start < bytes.count {
        let record = layout.splitter.record(at: start, in: bytes)
        start = record.next
        if record.isUnclosed || layout.isBlank(record.content, in: bytes) { continue }
        guard body(record.content, bytes) else { return }
      }
    }
  }

  private mutating func readFields(_ dialect: Dialect) {
    let limit = rowLimit(columns: layout.header.count)
    var values = layout.header.map { _ in [SampledColumn.Value]() }
    var count = 0
    var fieldCounts: Set<Int> = []
    forEachRecord { range, bytes in
      guard let fields = try? Data.readFields(range, of: bytes, dialect) else { return true }
      fieldCounts.insert(fields.count)
      for index in values.indices {
        values[index].append(index < fields.count ? .text(fields[index]) : .missing)
      }
      count += 1
      return count < limit
    }
    rowCount = count
    fieldCount = fieldCounts.count == 1 ? fieldCounts.first : nil
    columns = zip(layout.header, values).map { SampledColumn(name: $0, values: $1) }
  }

  private mutating func readObjects() {
    var index: [String: Int] = [:]
    var (columns, count) = ([SampledColumn](), 0)
    forEachRecord { range, bytes in
      let text = range.map { bytes[$0] }[...]
      guard let object = try? JSONValue(parsing: text, allowsNaN: true).object else { return true }
      for (name, value) in object {
        if index[name] == nil {
          index[name] = columns.count
          columns.append(
            SampledColumn(name: name, values: Array(repeating: .missing, count: count)))
        }
        if let place = index[name] { columns[place].values.append(.init(value)) }
      }
      count += 1
      for place in columns.indices where columns[place].values.count < count {
        columns[place].values.append(.missing)
      }
      return count < rowLimit(columns: columns.count)
    }
    (self.columns, rowCount) = (columns, count)
  }
}
