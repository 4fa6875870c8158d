import Foundation

extension NGramVocabulary {
  /// Appends the features of a text: their numbers, ascending, to `ids`, and to `values` as many
  /// numbers, whose squares sum to 1. A text without known n-grams appends nothing.
  ///
  /// The value before the division is (1 + ln tf) × idf, or tf × idf if not `sublinear`, tf
  /// being how often the text has the n-gram and idf = ln((1 + n) / (1 + df)) + 1: scikit-learn's
  /// `TfidfVectorizer` with `smooth_idf` and `norm="l2"`. Sums are in double precision.
  public func features(utf8: Span<UInt8>, ids: inout [Int32], values: inout [Float]) {
    let found = occurrences(in: utf8).sorted()
    var weights: [Double] = []
    var sumOfSquares = 0.0
    var start = 0
    while start < found.count {
      var end = start + 1
      while end < found.count, found[end] == found[start] { end += 1 }
      let frequency = Double(end - start)
      let term = settings.sublinear ? 1 + log(frequency) : frequency
      let weight = term * inverseFrequencies[Int(found[start])]
      ids.append(found[start])
      weights.append(weight)
      sumOfSquares += weight * weight
      start = end
    }
    let length = sumOfSquares.squareRoot()
    for weight in weights { values.append(Float(weight / length)) }
  }

  /// The numbers of all n-grams of the text that are features, with repetitions.
  private func occurrences(in utf8: Span<UInt8>) -> [Int32] {
    var text = NGramText(settings)
    text.read(utf8)
    let bytes = text.bytes.span
    var found: [Int32] = []
    found.reserveCapacity(text.ranges.count)
    for range in text.ranges {
      if let id = names.index(of: bytes, range) { found.append(Int32(id)) }
    }
    return found
  }
}
