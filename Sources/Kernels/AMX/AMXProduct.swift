// Products of matrices by tiles. b is packed once, in groups of columns that stay in the
// second-level cache, and a goes by in panels of 32 rows. What becomes of the sums is
// an epilogue's (ProductEpilogue.swift).

import CTiles
import Memory

/// c = a·b, to be computed block by block.
struct AMXProduct {
  private let a: ProductOperand
  private let b: ProductOperand

  /// Bytes of a packed group of columns, about: half of a second-level cache of 2 MiB, of which
  /// another thread of the core may use its share. With twice or half as much steps
  /// took longer (docs/lab/performance.md).
  private static let groupSize = 5 << 17

  /// Whether products of bfloat16 matrices are computed so.
  static var isAvailable: Bool { AMX.areAvailable && usesOneThread }

  /// a·bᵀ, a·b, aᵀ·b: as in MatrixProduct.swift; nil if there are no tiles.
  init?(_ a: Matrix<BFloat16>, transposed b: Matrix<BFloat16>) {
    self.init(ProductOperand(a, isLineByLine: true), ProductOperand(b, isLineByLine: true))
  }

  init?(_ a: Matrix<BFloat16>, _ b: Matrix<BFloat16>) {
    self.init(ProductOperand(a, isLineByLine: true), ProductOperand(b, isLineByLine: false))
  }

  init?(transposed a: Matrix<BFloat16>, _ b: Matrix<BFloat16>) {
    self.init(ProductOperand(a, isLineByLine: false), ProductOperand(b, isLineByLine: false))
  }

  private init?(_ a: ProductOperand, _ b: ProductOperand) {
    guard Self.isAvailable else { return nil }
    precondition(a.depth == b.depth)
    self.a = a
    self.b = b
  }

  /// Columns of a group, for sums of `depth` values: groups of like size.
  private func width(depth: Int) -> Int {
    let columnSize = roundUp(depth, tileSize) * MemoryLayout<BFloat16>.stride
    let groups = max(1, (b.lines * columnSize + Self.groupSize / 2) / Self.groupSize)
    return roundUp((b.lines + groups - 1) / groups, tileSize)
  }

  /// Computes all blocks of sums, a group's after the other's, and in each from the top.
  func run<Epilogue: ProductEpilogue>(_ epilogue: Epilogue) {
    run(depth: 0..<a.depth, epilogue)
  }

  /// c = a·b, or c += a·b. Sums of more than 1,536 values are made in equal parts, so that packed
  /// operands stay in the cache.
  func store(_ c: Matrix<Float>, accumulate: Bool) {
    let parts = (a.depth + Self.deepest - 1) / Self.deepest
    let depth = roundUp((a.depth + parts - 1) / parts, tileSize)
    for start in stride(from: 0, to: a.depth, by: depth) {
      run(
        depth: start..<min(start + depth, a.depth),
        StoringEpilogue(target: c, accumulate: accumulate || start > 0))
    }
  }

  private static let deepest = 1_536

  private func run<Epilogue: ProductEpilogue>(depth: Range<Int>, _ epilogue: Epilogue) {
    guard a.lines > 0, b.lines > 0 else { return }
    let width = width(depth: depth.count)
    let scratch = Scratch(depth: depth.count, width: width)
    AMX.using {
      for start in stride(from: 0, to: b.lines, by: width) {
        let columns = start..<min(start + width, b.lines)
        b.packB(lines: columns, depth: depth, into: scratch.right(0), scratch.packing)
        for first in stride(from: 0, to: a.lines, by: panelsAtOnce * tileSize) {
          let panels = first..<min(first + panelsAtOnce * tileSize, a.lines)
          a.packA(lines: panels, depth: depth, into: scratch.left(0), scratch.packing)
          for row in stride(from: first, to: panels.upperBound, by: tileSize) {
            multiply(
              row..<min(row + tileSize, a.lines), columns, scratch, scratch.left(row - first),
              epilogue)
          }
        }
      }
    }
  }

  /// The packed panel of some rows times the packed group of some columns.
  @inline(__always)
  private func multiply<Epilogue: ProductEpilogue>(
    _ rows: Range<Int>, _ group: Range<Int>, _ scratch: Scratch,
    _ panel: UnsafePointer<BFloat16>, _ epilogue: Epilogue
  ) {
    for column in stride(from: group.lowerBound, to: group.upperBound, by: tileSize) {
      let columns = column..<min(column + tileSize, group.upperBound)
      scratch.multiply(
        panel, scratch.right(column - group.lowerBound),
        preparing: epilogue.results(row: rows.lowerBound, column: column), rows: rows.count)
      epilogue.finish(ProductBlock(rows: rows, columns: columns, sums: scratch.sums))
    }
  }
}

/// Panels of a that are packed at a time: a cache line of each row is a panel's, and the next one
/// the next panel's.
private let panelsAtOnce = 4

/// The packed operands of a product under way: panels of a, a group of columns of b.
private struct Scratch {
  let sums: UnsafeMutablePointer<Float>
  let packing: PackingScratch
  private let panels: UnsafeMutablePointer<BFloat16>
  private let group: UnsafeMutablePointer<UInt32>
  /// Of the depth.
  private let blocks: Int

  init(depth: Int, width: Int) {
    blocks = blockCount(depth)
    let sumsSize = tileBlockSize * MemoryLayout<Float>.stride
    let blockSize = tileBlockSize * MemoryLayout<BFloat16>.stride
    let panelSize = blocks * blockSize
    let size = sumsSize + 2 * blockSize + panelSize * (panelsAtOnce + width / tileSize)
    guard var next = tile_scratch(size) else { endOutOfMemory(size) }
    func take<Value>(_ size: Int, _ type: Value.Type) -> UnsafeMutablePointer<Value> {
      defer { next += size }
      return next.assumingMemoryBound(to: type)
    }
    sums = take(sumsSize, Float.self)
    packing = PackingScratch(
      edge: take(blockSize, BFloat16.self), pairs: take(blockSize, UInt32.self))
    panels = take(panelsAtOnce * panelSize, BFloat16.self)
    group = take(panelSize * (width / tileSize), UInt32.self)
  }

  /// The packed panel that begins with that line of those packed.
  @inline(__always)
  func left(_ line: Int) -> UnsafeMutablePointer<BFloat16> {
    panels + line / tileSize * blocks * tileBlockSize
  }

  /// The packed columns from that one of the group on.
  @inline(__always)
  func right(_ column: Int) -> UnsafeMutablePointer<UInt32> {
    group + column / tileSize * blocks * tileBlockSize / 2
  }

  /// sums = a panel times 32 columns, while the lines that the results of these rows go to
  /// are asked for.
  @inline(__always)
  func multiply(
    _ panel: UnsafePointer<BFloat16>, _ columns: UnsafePointer<UInt32>,
    preparing results: (result_lines, result_lines), rows: Int
  ) {
    multiply_packed_tiles(
      UnsafeRawPointer(panel).assumingMemoryBound(to: UInt16.self), columns, sums, blocks,
      results.0, results.1, rows)
  }
}
