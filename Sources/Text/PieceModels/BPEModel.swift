// Byte-pair encoding (Sennrich, Haddow and Birch 2016): of all pairs of neighbors that may be
// merged the one that was learnt first, the leftmost of equal ones, until none is left.

/// How a BPE model spells what it merges.
struct BPEOptions: Equatable, Sendable {
  /// What is written before the characters of a word but the first.
  var continuationPrefix: [UInt8] = []
  /// What is written behind the last character of a word.
  var wordSuffix: [UInt8] = []
  /// The token of characters that are no piece; nil if they are left out.
  var unknownID: Int32?
  /// Whether unknown characters next to each other are one token.
  var fusesUnknown = false
  /// Whether characters that are no piece are spelled in bytes, `<0x41>`.
  var fallsBackToBytes = false
  /// Whether a word that is a piece is that piece, whatever the merges say.
  var ignoresMerges = false
  /// Whether the pieces are bytes, so that each byte is a character.
  var readsBytes = false
}

struct BPEModel: Sendable {
  let options: BPEOptions
  /// The pieces.
  let pieces: PieceTable
  /// The number of the merge of a pair of ids.
  private var ranks = IntegerTable()
  /// What each merge gives.
  private var results: [Int32] = []
  /// The ids of single bytes, of the pieces `<0x41>` or, where pieces are bytes, of those; −1 for
  /// none.
  let byteIDs: [Int32]

  /// A model whose merges are pairs of ids and what they give, in the order in which they were
  /// learnt. Of two equal pairs the later counts.
  init(pieces: PieceTable, merges: [Merge], options: BPEOptions) {
    self.options = options
    self.pieces = pieces
    ranks.reserve(merges.count)
    results.reserveCapacity(merges.count)
    for (rank, merge) in merges.enumerated() {
      ranks.set(Self.pair(merge.left, merge.right), Int32(rank))
      results.append(merge.result)
    }
    byteIDs = (0..<256).map { byte in
      let name = options.readsBytes ? [UInt8(byte)] : bytePiece(UInt8(byte))
      return pieces.id(of: name.span, 0, name.count) ?? -1
    }
  }

  /// Two pieces that become one.
  struct Merge: Equatable {
    var left: Int32
    var right: Int32
    var result: Int32
  }

  /// A stretch of a word that is one token so far.
  struct Symbol: Sendable {
    var id: Int32
    /// Its neighbors; −1 for none.
    var previous: Int32
    var next: Int32
    var isMerged = false
  }

  /// A pair that may be merged: the rank of the merge above the place of the left symbol.
  typealias Candidate = UInt64

  /// Room for the search.
  struct Scratch: Sendable {
    var symbols: [Symbol] = []
    var queue = Heap()
  }

  /// Appends the ids of the pieces of a word.
  func append(
    _ text: Span<UInt8>, _ word: Range<Int>, to ids: inout [Int32], _ scratch: inout Scratch
  ) {
    if options.ignoresMerges, let id = pieces.id(of: text, word.lowerBound, word.upperBound) {
      ids.append(id)
      return
    }
    scratch.symbols.removeAll(keepingCapacity: true)
    spell(text, word, &scratch.symbols)
    link(&scratch.symbols)
    if scratch.symbols.count > 1 { merge(&scratch) }
    for symbol in scratch.symbols where !symbol.isMerged { ids.append(symbol.id) }
  }

  private func link(_ symbols: inout [Symbol]) {
    for place in symbols.indices {
      symbols[place].previous = Int32(place - 1)
      symbols[place].next = place + 1 < symbols.count ? Int32(place + 1) : -1
    }
  }

  private func merge(_ scratch: inout Scratch) {
    scratch.queue.removeAll()
    for place in 0..<scratch.symbols.count - 1 { offer(place, &scratch) }
    while let candidate = scratch.queue.pop() {
      let left = Int(truncatingIfNeeded: candidate & 0xFFFF_FFFF)
      let rank = Int32(truncatingIfNeeded: candidate >> 32)
      let symbol = scratch.symbols[left]
      guard !symbol.isMerged, symbol.next >= 0 else { continue }
      let right = scratch.symbols[Int(symbol.next)]
      // The pair may have changed since it was offered.
      guard ranks.value(Self.pair(symbol.id, right.id)) == rank else { continue }
      scratch.symbols[Int(symbol.next)].isMerged = true
      scratch.symbols[left].id = results[Int(rank)]
      scratch.symbols[left].next = right.next
      if right.next >= 0 { scratch.symbols[Int(right.next)].previous = Int32(left) }
      if symbol.previous >= 0 { offer(Int(symbol.previous), &scratch) }
      offer(left, &scratch)
    }
  }

  /// Queues the pair that begins at a symbol, if it may be merged.
  @inline(__always)
  private func offer(_ place: Int, _ scratch: inout Scratch) {
    let symbol = scratch.symbols[place]
    guard symbol.next >= 0 else { return }
    let rank = ranks.value(Self.pair(symbol.id, scratch.symbols[Int(symbol.next)].id))
    if rank >= 0 { scratch.queue.push(UInt64(rank) << 32 | UInt64(place)) }
  }

  @inline(__always)
  private static func pair(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }
}
