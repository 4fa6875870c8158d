import Memory

/// The packed operands of one row and head, allocated once for the longest row and head size.
public final class AttentionScratch {
  /// Tokens of the longest row that fits.
  public let longestRow: Int
  /// The largest head that fits.
  let headSize: Int
  private let mask: Vector<UInt16>
  private let termsMemory = Vector<Float>(zeros: QueryTerms.size)
  private let precision: ProductPrecision
  private let vectors: VectorScratch
  private let tiles: AMXAttentionScratch?

  /// What attention is computed with, and its scratch.
  enum Arithmetic {
    case vectors(VectorScratch)
    case tiles(AMXAttentionScratch)
  }

  /// Scratch for rows of up to `longestRow` tokens, and for products of up to that precision: with
  /// bfloat16 single precision is possible, too.
  public init(longestRow: Int, headSize: Int, precision: ProductPrecision) {
    self.longestRow = longestRow
    self.headSize = headSize
    self.precision = precision
    mask = Vector(zeros: AttentionMask.wordCount(longestRow: longestRow))
    vectors = VectorScratch(longestRow: longestRow, headSize: headSize)
    tiles =
      precision == .bfloat16 && AMX.areAvailable
      ? AMXAttentionScratch(longestRow: longestRow, headSize: headSize) : nil
  }

  /// The masks of a pass with `dropout`.
  func mask(_ dropout: Dropout?) -> AttentionMask {
    AttentionMask(dropout, words: mask.pointer, wordCount: mask.count)
  }

  /// Of a block of queries.
  var terms: QueryTerms { QueryTerms(termsMemory.pointer) }

  /// In bfloat16 matrix tiles, if the processor has them. If it has none, products stay in
  /// single precision: on vectors of bfloat16 attention was slower.
  func arithmetic(_ precision: ProductPrecision) -> Arithmetic {
    precondition(precision == .float32 || self.precision == .bfloat16)
    return if precision == .bfloat16, let tiles { .tiles(tiles) } else { .vectors(vectors) }
  }
}
