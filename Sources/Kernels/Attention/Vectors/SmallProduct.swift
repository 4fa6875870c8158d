// Products of small packed matrices inside attention, where a call of a large library would spend
// its time on preparation: c = Σₖ a[·, k]·b[k, ·] by tiles of 8 rows × 32 or 16 columns that stay
// in registers.

/// Rows of a tile.
let tileRows = 8

/// A left operand whose element (row, k) lies at `row * rowStride + k * stepStride`.
struct TileOperand {
  let pointer: UnsafePointer<Float>
  let rowStride: Int
  let stepStride: Int
}

/// A row of floats of a tile, in registers.
private protocol TileLine {
  init()
  init(_ pointer: UnsafePointer<Float>)
  mutating func addProduct(_ factor: Float, _ other: Self)
  func store(_ pointer: UnsafeMutablePointer<Float>)
}

/// A row of 16.
private struct SingleLine: TileLine {
  var a = Lanes()

  @inline(__always) init() {}
  @inline(__always) init(_ pointer: UnsafePointer<Float>) { a = load(pointer) }

  @inline(__always) mutating func addProduct(_ factor: Float, _ other: SingleLine) {
    a.addProduct(Lanes(repeating: factor), other.a)
  }

  @inline(__always) func store(_ pointer: UnsafeMutablePointer<Float>) {
    Kernels.store(a, pointer)
  }
}

/// A row of 32.
private struct DoubleLine: TileLine {
  var a = Lanes()
  var b = Lanes()

  @inline(__always) init() {}
  @inline(__always) init(_ pointer: UnsafePointer<Float>) {
    a = load(pointer)
    b = load(pointer + 16)
  }

  @inline(__always) mutating func addProduct(_ factor: Float, _ other: DoubleLine) {
    let broadcast = Lanes(repeating: factor)
    a.addProduct(broadcast, other.a)
    b.addProduct(broadcast, other.b)
  }

  @inline(__always) func store(_ pointer: UnsafeMutablePointer<Float>) {
    Kernels.store(a, pointer)
    Kernels.store(b, pointer + 16)
  }
}

/// c = a·b, or c += a·b: the rows are a multiple of 8, the columns of 16.
func smallProduct(
  _ a: TileOperand, _ b: PackedRows<Float>, into c: PackedRows<Float>, _ size: ProductSize,
  accumulate: Bool = false
) {
  for row in stride(from: 0, to: size.rows, by: tileRows) {
    let lines = TileOperand(
      pointer: a.pointer + row * a.rowStride, rowStride: a.rowStride, stepStride: a.stepStride)
    let target = c.from(row: row)
    var column = 0
    while column + 32 <= size.columns {
      let tile = TileProduct<DoubleLine>(a: lines, b: b.from(column: column), depth: size.depth)
      tile.store(target.from(column: column), accumulate: accumulate)
      column += 32
    }
    if column < size.columns {
      let tile = TileProduct<SingleLine>(a: lines, b: b.from(column: column), depth: size.depth)
      tile.store(target.from(column: column), accumulate: accumulate)
    }
  }
}

/// 8 rows of a times as many columns of b as a line has.
private struct TileProduct<Line: TileLine> {
  let a: TileOperand
  let b: PackedRows<Float>
  let depth: Int

  /// Eight named sums, because an array of them would live in memory instead of registers.
  @inline(__always)
  func store(_ target: PackedRows<Float>, accumulate: Bool) {
    let (c, cStride) = (target.pointer, target.stride)
    var (s0, s1, s2, s3) = (Line(), Line(), Line(), Line())
    var (s4, s5, s6, s7) = (Line(), Line(), Line(), Line())
    if accumulate {
      (s0, s1) = (Line(c), Line(c + cStride))
      (s2, s3) = (Line(c + 2 * cStride), Line(c + 3 * cStride))
      (s4, s5) = (Line(c + 4 * cStride), Line(c + 5 * cStride))
      (s6, s7) = (Line(c + 6 * cStride), Line(c + 7 * cStride))
    }
    var factors = a.pointer
    var operand = UnsafePointer(b.pointer)
    let apart = a.rowStride
    for _ in 0..<depth {
      let values = Line(operand)
      s0.addProduct(factors[0], values)
      s1.addProduct(factors[apart], values)
      s2.addProduct(factors[2 * apart], values)
      s3.addProduct(factors[3 * apart], values)
      s4.addProduct(factors[4 * apart], values)
      s5.addProduct(factors[5 * apart], values)
      s6.addProduct(factors[6 * apart], values)
      s7.addProduct(factors[7 * apart], values)
      factors += a.stepStride
      operand += b.stride
    }
    s0.store(c)
    s1.store(c + cStride)
    s2.store(c + 2 * cStride)
    s3.store(c + 3 * cStride)
    s4.store(c + 4 * cStride)
    s5.store(c + 5 * cStride)
    s6.store(c + 6 * cStride)
    s7.store(c + 7 * cStride)
  }
}
