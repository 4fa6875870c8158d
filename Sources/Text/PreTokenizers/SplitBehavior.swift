/// What becomes of the delimiters that a text is split at.
enum SplitBehavior: String, Sendable {
  case removed = "Removed"
  case isolated = "Isolated"
  case mergedWithPrevious = "MergedWithPrevious"
  case mergedWithNext = "MergedWithNext"
  case contiguous = "Contiguous"
}

/// Puts together the words of one text from its delimiters and what lies between them, which come
/// from left to right.
struct WordSplitter {
  private let behavior: SplitBehavior
  /// What may still grow.
  private var pending: Range<Int>?
  private var pendingIsDelimiter = false

  init(_ behavior: SplitBehavior) { self.behavior = behavior }

  /// Takes the next stretch.
  @inline(__always)
  mutating func add(_ range: Range<Int>, isDelimiter: Bool, to words: inout [Range<Int>]) {
    if range.isEmpty { return }
    switch behavior {
    case .removed: if !isDelimiter { words.append(range) }
    case .isolated: words.append(range)
    case .contiguous: join(range, isDelimiter, isDelimiter == pendingIsDelimiter, &words)
    case .mergedWithPrevious: join(range, isDelimiter, isDelimiter && !pendingIsDelimiter, &words)
    case .mergedWithNext: join(range, isDelimiter, !isDelimiter && pendingIsDelimiter, &words)
    }
  }

  /// Ends the text.
  mutating func finish(_ words: inout [Range<Int>]) {
    if let pending { words.append(pending) }
    pending = nil
    pendingIsDelimiter = false
  }

  private mutating func join(
    _ range: Range<Int>, _ isDelimiter: Bool, _ belongsToLast: Bool, _ words: inout [Range<Int>]
  ) {
    if let last = pending, belongsToLast {
      pending = last.lowerBound..<range.upperBound
    } else {
      if let pending { words.append(pending) }
      pending = range
    }
    pendingIsDelimiter = isDelimiter
  }
}
