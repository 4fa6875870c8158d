/// A date as data files write it.
enum RowDate {
  /// Seconds since 1970-01-01T00:00:00Z. Reads ISO 8601 (`2024-03-01`, `2024-03-01T12:30:00Z`, a
  /// space in place of the `T`, an offset such as `+02:00`), `20240301`, a year, and seconds since
  /// 1970; nil where the text is none of these.
  static func seconds(_ text: [UInt8]) -> Int64? {
    var reader = DigitReader(text)
    guard let first = reader.digits() else { return nil }
    if reader.isAtEnd { return seconds(ofNumber: first) }
    guard first.count == 4, reader.take("-"), let month = reader.digits(count: 2), reader.take("-"),
      let day = reader.digits(count: 2), let days = days(first.value, month, day)
    else { return nil }
    if reader.isAtEnd { return days * 86_400 }
    guard reader.take("T") || reader.take(" "), let time = time(&reader) else { return nil }
    return days * 86_400 + time
  }

  private static func seconds(ofNumber number: (value: Int64, count: Int)) -> Int64? {
    switch number.count {
    case 4: days(number.value, 1, 1).map { $0 * 86_400 }
    case 8:
      days(number.value / 10_000, number.value / 100 % 100, number.value % 100)
        .map { $0 * 86_400 }
    case 9...11: number.value
    // Milliseconds, as JavaScript and pandas count them.
    case 12...14: number.value / 1_000
    default: nil
    }
  }

  private static func time(_ reader: inout DigitReader) -> Int64? {
    guard let hour = reader.digits(count: 2), hour < 25, reader.take(":"),
      let minute = reader.digits(count: 2), minute < 60
    else { return nil }
    var seconds = hour * 3_600 + minute * 60
    if reader.take(":") {
      guard let second = reader.digits(count: 2), second < 61 else { return nil }
      seconds += second
      if reader.take("."), reader.digits() == nil { return nil }
    }
    if reader.take("Z") || reader.isAtEnd { return reader.isAtEnd ? seconds : nil }
    let sign: Int64 = reader.take("+") ? 1 : reader.take("-") ? -1 : 0
    guard sign != 0, let hours = reader.digits(count: 2) else { return nil }
    _ = reader.take(":")
    let minutes = reader.isAtEnd ? 0 : reader.digits(count: 2)
    guard let minutes, reader.isAtEnd else { return nil }
    return seconds - sign * (hours * 3_600 + minutes * 60)
  }

  /// Days since 1970-01-01 in the Gregorian calendar, by the count of days in eras of 400 years.
  private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64? {
    guard 1...12 ~= month, 1...31 ~= day else { return nil }
    let shifted = month <= 2 ? year - 1 : year
    let era = shifted / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }
}

private struct DigitReader {
  private let text: ArraySlice<UInt8>
  private var index: Int

  init(_ text: [UInt8]) {
    var slice = text[...]
    while let first = slice.first, first.isBlank { slice.removeFirst() }
    while let last = slice.last, last.isBlank { slice.removeLast() }
    self.text = slice
    index = slice.startIndex
  }

  var isAtEnd: Bool { index == text.endIndex }

  mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard !isAtEnd, text[index] == UInt8(ascii: character) else { return false }
    index += 1
    return true
  }

  /// A run of at most 18 digits, as it stands.
  mutating func digits() -> (value: Int64, count: Int)? {
    let start = index
    var value: Int64 = 0
    while !isAtEnd, index - start < 18, case let byte = text[index],
      (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    {
      value = value * 10 + Int64(byte - UInt8(ascii: "0"))
      index += 1
    }
    return index == start ? nil : (value, index - start)
  }

  /// A run of exactly so many digits.
  mutating func digits(count: Int) -> Int64? {
    guard let run = digits(), run.count == count else { return nil }
    return run.value
  }
}
