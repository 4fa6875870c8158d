// Unigram language model tokenization (Kudo 2018): of all ways to spell a word, the one whose
// pieces have the highest sum of log probabilities. Sums are made in the order of the library
// `tokenizers`, and of two equal ones the same is taken, so that ids are equal to the bit.

/// A piece with its log probability.
struct ScoredPiece: Sendable {
  var bytes: [UInt8]
  var score: Double
}

struct UnigramModel: Sendable {
  private let pieces: ByteTrie
  private let scores: [Double]
  private let unknownID: Int32
  /// The score of a character that is no piece: less than any piece's.
  private let unknownScore: Double
  private static let unknownPenalty = 10.0
  /// The id of the piece of each byte, `<0x41>`; nil unless characters that are no piece are
  /// spelled so.
  private let byteIDs: [Int32]?

  /// A model of pieces whose places are their ids; of two equal ones the later counts.
  init(_ vocabulary: [ScoredPiece], unknownID: Int32, fallsBackToBytes: Bool) {
    var trie = ByteTrie()
    for (id, piece) in vocabulary.enumerated() { trie.insert(piece.bytes, Int32(id)) }
    pieces = trie
    scores = vocabulary.map(\.score)
    self.unknownID = unknownID
    unknownScore = (scores.min() ?? .infinity) - Self.unknownPenalty
    let ids = (0..<256).map { byte in
      let name = bytePiece(UInt8(byte))
      return trie.value(of: name.span, name.indices)
    }
    byteIDs = fallsBackToBytes ? ids : nil
  }

  /// The best way to a place in a word.
  fileprivate struct Node: Sendable {
    var score = 0.0
    /// Where its last piece begins; −1 if there is no way yet.
    var start: Int32 = -1
    var id: Int32 = 0
  }

  /// Room for the search.
  struct Lattice: Sendable {
    fileprivate var nodes: [Node] = []
    fileprivate var found: [(id: Int32, range: Range<Int>)] = []
  }

  /// Appends the ids of the pieces of a word.
  func append(
    _ text: Span<UInt8>, _ word: Range<Int>, to ids: inout [Int32], _ lattice: inout Lattice
  ) {
    let word = text.extracting(word)
    search(word, &lattice.nodes)
    lattice.found.removeAll(keepingCapacity: true)
    var end = word.count
    while end > 0 {
      let node = lattice.nodes[end]
      let start = Int(node.start)
      // Unknown characters next to each other are one token.
      if node.id == unknownID, let last = lattice.found.last, last.id == unknownID {
        lattice.found[lattice.found.count - 1].range = start..<last.range.upperBound
      } else {
        lattice.found.append((node.id, start..<end))
      }
      end = start
    }
    for (id, range) in lattice.found.reversed() {
      if id == unknownID { appendUnknown(word, range, to: &ids) } else { ids.append(id) }
    }
  }

  private func search(_ word: Span<UInt8>, _ nodes: inout [Node]) {
    nodes.removeAll(keepingCapacity: true)
    for _ in 0...word.count { nodes.append(Node()) }
    var start = 0
    while start < word.count {
      let score = nodes[start].score
      let next = start + characterLength(word[start])
      var hasCharacter = false
      var (node, position) = (ByteTrie.root, start)
      while position < word.count {
        node = pieces.child(node, word[position])
        if node < 0 { break }
        position += 1
        let id = pieces.value(node)
        if id >= 0 {
          offer(scores[Int(id)] + score, from: start, id, to: &nodes[position])
          if position == next { hasCharacter = true }
        }
      }
      if !hasCharacter {
        offer(unknownScore + score, from: start, unknownID, to: &nodes[next])
      }
      start = next
    }
  }

  @inline(__always)
  private func offer(_ score: Double, from start: Int, _ id: Int32, to node: inout Node) {
    if node.start < 0 || score > node.score {
      node = Node(score: score, start: Int32(truncatingIfNeeded: start), id: id)
    }
  }

  @inline(__always)
  private func characterLength(_ first: UInt8) -> Int {
    first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
  }

  private func appendUnknown(_ word: Span<UInt8>, _ range: Range<Int>, to ids: inout [Int32]) {
    let known = pieces.value(of: word, range)
    if known >= 0 {
      ids.append(known)
    } else if let byteIDs, range.allSatisfy({ byteIDs[Int(word[$0])] >= 0 }) {
      for place in range { ids.append(byteIDs[Int(word[place])]) }
    } else {
      ids.append(unknownID)
    }
  }
}

/// The piece that stands for a byte: `<0x41>`.
func bytePiece(_ byte: UInt8) -> [UInt8] {
  let digits = String(byte, radix: 16, uppercase: true)
  return Array("<0x\(digits.count == 1 ? "0" : "")\(digits)>".utf8)
}
