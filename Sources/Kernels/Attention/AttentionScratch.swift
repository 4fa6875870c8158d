/// The packed operands of one row and head, allocated once for the longest row and head size, and with
/// them the choice of what attention's products are computed with.
public final class AttentionScratch {
  /// Tokens of the longest row that fits.
  public let longestRow: Int
  /// The largest head that fits.
  let headSize: Int
  let memory: Memory

  enum Memory {
    case vectors(VectorScratch)
    case tiles(TileUnit, TileScratch)
  }

  /// Scratch for rows of up to `longestRow` tokens. With a precision of bfloat16, operands are rounded
  /// where the processor has tiles for them, and stay in single precision where it has none.
  public convenience init(longestRow: Int, headSize: Int, precision: ProductPrecision = .float32) {
    self.init(
      longestRow: longestRow, headSize: headSize, unit: precision == .bfloat16 ? TileUnit.best : nil)
  }

  /// Products by `unit`, nil for vectors in single precision.
  package init(longestRow: Int, headSize: Int, unit: TileUnit?) {
    self.longestRow = longestRow
    self.headSize = headSize
    memory =
      if let unit {
        .tiles(unit, TileScratch(longestRow: longestRow, headSize: headSize))
      } else {
        .vectors(VectorScratch(longestRow: longestRow, headSize: headSize))
      }
  }
}
