/// N-grams with their document frequencies, as files and other ranks have them:
///
///     ddp-train n-grams 1
///     words: 1-2
///     characters: none
///     sublinear: true
///     minimum_document_frequency: 2
///     maximum_features: none
///     texts: 34152
///     features: 213092
///     30123<TAB>the
///     …
///
/// No n-gram has a tab or a line break: both are white space, and that parts words.
struct NGramList {
  var settings: NGramSettings
  var textCount: Int
  var names: ByteStringTable
  /// As many as there are names.
  var documentFrequencies: [Int32]

  static let firstLine = "ddp-train n-grams \(NGramSettings.rules)"

  var fileContent: [UInt8] {
    var content: [UInt8] = []
    content.reserveCapacity(names.bytes.count + 6 * names.count + 200)
    content += "\(Self.firstLine)\n".utf8
    for (key, value) in settings.fields { content += "\(key): \(value)\n".utf8 }
    content += "texts: \(textCount)\nfeatures: \(names.count)\n".utf8
    for (index, frequency) in documentFrequencies.enumerated() {
      content += String(frequency).utf8
      content.append(0x09)
      content += names.bytes[names.range(index)]
      content.append(0x0A)
    }
    return content
  }

  /// A hash of everything that features depend on.
  var fingerprint: String {
    var hash = FNV1a()
    hash.mix(fileContent)
    return hash.hexadecimal
  }
}
