import Kernels

/// Which keys a query attends to, for the scalar twin.
enum ScalarExtent {
  case all
  /// With a number for each distance and head.
  case relative(table: ScalarMatrix)
  /// At most so many tokens away.
  case window(Int)

  /// What is added to a score.
  func added(head: Int, query: Int, key: Int) -> Double {
    switch self {
    case .all: 0
    case .relative(let table): table[scalarBucket(key - query), head]
    case .window(let half): abs(key - query) <= half ? 0 : -.infinity
    }
  }

  /// What dropout multiplies a query's attention by. In a window a query takes whole vectors for
  /// the keys that its block of 64 queries can have at most, from a multiple of 32 on.
  func mask(
    _ dropout: Dropout, key: UInt32, head: Int, query: Int, tokens: Int
  ) -> [Double] {
    guard case .window(let half) = self else {
      return scalarAttentionMask(dropout, key: key, head: head, query: query, tokens: tokens)
    }
    let line = (min(tokens, 64 + 2 * half + 31) + 15) / 16 * 16
    let ofHead = (tokens * line + 127) / 128 * 128
    let first = max(0, query / 64 * 64 - half) / 32 * 32
    let values = scalarMask(
      dropout, key: key, first: head * ofHead + query * line, count: line)
    return (0..<tokens).map { values.indices.contains($0 - first) ? values[$0 - first] : 0 }
  }
}

/// The bucket of a distance by the limits of each: 8 of their own, then 8 up to 128 that are wider
/// by the factor 16^(1/8) each.
func scalarBucket(_ distance: Int) -> Int {
  let limits = [1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 23, 32, 46, 64, 91]
  let magnitude = distance.magnitude
  return (distance > 0 ? 16 : 0) + limits.prefix { $0 <= magnitude }.count
}
