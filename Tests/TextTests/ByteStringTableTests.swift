import Testing
import Text

@Test func byteStringsAreNumberedInTheOrderOfTheirFirstAppearance() {
  var table = ByteStringTable()
  let strings = (0..<5000).map { Array("s\($0 * 7919 % 3001)".utf8) } + [[], Array("é".utf8)]
  var numbers: [[UInt8]: Int] = [:]
  for string in strings {
    #expect(table.index(of: string) == numbers[string])
    let number = numbers[string] ?? numbers.count
    #expect(table.intern(string) == number)
    numbers[string] = number
  }
  #expect(table.count == numbers.count)
  for (string, number) in numbers {
    #expect(table[number] == string)
    #expect(table.index(of: string) == number)
  }
  #expect(table.index(of: Array("e\u{301}".utf8)) == nil)
}
