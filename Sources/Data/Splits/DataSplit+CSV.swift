import Storage

extension DataSplit {
  /// The division that `csv(of:)` wrote; `path` is for messages. Throws `StorageError`.
  public init(csv bytes: [UInt8], path: String) throws(StorageError) {
    var (training, validation, test) = ([Int](), [Int](), [Int]())
    for (number, record) in Self.records(bytes).dropFirst().enumerated() {
      // The id between the first comma and the last one may hold any of both.
      guard let comma = record.firstIndex(of: 0x2C), let last = record.lastIndex(of: 0x2C),
        Int(String(decoding: record[..<comma], as: UTF8.self)) == number
      else { throw StorageError(.malformed, path, "line \(number + 2) is none of a split's rows") }
      switch String(decoding: record[(last + 1)...], as: UTF8.self) {
      case "train": training.append(number)
      case "validation": validation.append(number)
      case "test": test.append(number)
      case let part:
        throw StorageError(.malformed, path, "line \(number + 2) names the part \(excerpt(part))")
      }
    }
    self.init(training: training, validation: validation, test: test)
  }

  /// The records without their line ends; a line end between quotes belongs to a field.
  private static func records(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
    var (records, start, isQuoted) = ([ArraySlice<UInt8>](), 0, false)
    for (place, byte) in bytes.enumerated() {
      if byte == 0x22 { isQuoted.toggle() }
      guard byte == 0x0A, !isQuoted else { continue }
      let end = place > start && bytes[place - 1] == 0x0D ? place - 1 : place
      records.append(bytes[start..<end])
      start = place + 1
    }
    return records
  }
}
