/// The purposes for which this module draws random numbers, so that no two share a stream.
enum RandomStream {
  static let split: UInt64 = 0x5350_4C49
  static let shuffle: UInt64 = 0x5348_5546
  static let repeatOrder: UInt64 = 0x5250_4F52
  static let repeatOffset: UInt64 = 0x5250_4F46
}
