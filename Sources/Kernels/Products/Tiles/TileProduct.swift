// Products of matrices by tiles. b is packed once, in groups of columns that stay in the second-level cache,
// and a goes by in panels of 32 rows. What follows on a product is done with each block of 32 × 32 sums
// while these are in the first-level cache, so that they need not be written and read again.

import CTiles
import Memory

/// 32 × 32 sums of a product, or what there is of them at its edges.
struct ProductBlock {
  let rows: Range<Int>
  let columns: Range<Int>
  /// Rows of 32.
  let sums: UnsafePointer<Float>

  /// Calls `body(row, sums)` for each row.
  @inline(__always)
  func forEachRow(_ body: (_ row: Int, _ sums: UnsafePointer<Float>) -> Void) {
    for row in rows { body(row, sums + (row - rows.lowerBound) * tileSize) }
  }
}

/// c = a·b, to be computed block by block.
struct TileProduct {
  private let a: ProductOperand
  private let b: ProductOperand

  /// Bytes of a packed group of columns, about: half of a second-level cache of 2 MiB, of which another
  /// thread of the core may use its share. With twice or half as much steps took longer (docs/performance.md).
  private static let groupSize = 5 << 17

  /// Whether products of bfloat16 matrices are computed so.
  static var isAvailable: Bool { MatrixTiles.areAvailable && usesOneThread }

  /// a·bᵀ, a·b, aᵀ·b: as in MatrixProduct.swift; nil where there are no tiles.
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

  /// Gives all blocks, a group's after the other's, and in each from the top.
  @inline(__always)
  func forEachBlock(_ body: (ProductBlock) -> Void) {
    forEachBlock(depth: 0..<a.depth, body)
  }

  /// c = a·b, rounded.
  func store(_ c: Matrix<BFloat16>) {
    forEachBlock { block in
      block.forEachRow { row, sums in
        roundLine(
          sums, c.pointer + row * c.stride + block.columns.lowerBound, block.columns.count)
      }
    }
  }

  /// c = a·b, or c += a·b. Sums of more than 1,536 values are made in equal parts, so that packed operands
  /// stay in the cache.
  func store(_ c: Matrix<Float>, accumulate: Bool) {
    let parts = (a.depth + Self.deepest - 1) / Self.deepest
    let depth = roundUp((a.depth + parts - 1) / parts, tileSize)
    for start in stride(from: 0, to: a.depth, by: depth) {
      let adds = accumulate || start > 0
      forEachBlock(depth: start..<min(start + depth, a.depth)) { block in
        block.forEachRow { row, sums in
          let target = c.pointer + row * c.stride + block.columns.lowerBound
          forEachVector(block.columns.count) { i, lanes in
            let sum = load(sums + i)
            Kernels.store(adds ? load(target + i, lanes) + sum : sum, target + i, lanes)
          }
        }
      }
    }
  }

  private static let deepest = 1_536

  @inline(__always)
  private func forEachBlock(depth: Range<Int>, _ body: (ProductBlock) -> Void) {
    guard a.lines > 0, b.lines > 0 else { return }
    let width = width(depth: depth.count)
    let scratch = Scratch(depth: depth.count, width: width)
    MatrixTiles.using {
      for start in stride(from: 0, to: b.lines, by: width) {
        let columns = start..<min(start + width, b.lines)
        for column in stride(from: start, to: columns.upperBound, by: tileSize) {
          b.packRight(
            line: column, depth: depth, into: scratch.right(column - start), scratch.packing)
        }
        for row in stride(from: 0, to: a.lines, by: tileSize) {
          a.packLeft(line: row, depth: depth, into: scratch.left, scratch.packing)
          let rows = row..<min(row + tileSize, a.lines)
          for column in stride(from: start, to: columns.upperBound, by: tileSize) {
            scratch.multiply(column - start)
            body(
              ProductBlock(
                rows: rows, columns: column..<min(column + tileSize, columns.upperBound),
                sums: scratch.sums))
          }
        }
      }
    }
  }
}

/// The packed operands of a product under way: a panel of a, a group of columns of b.
private struct Scratch {
  let sums: UnsafeMutablePointer<Float>
  let packing: PackingScratch
  let left: UnsafeMutablePointer<BFloat16>
  private let group: UnsafeMutablePointer<UInt32>
  /// Of the depth.
  private let blocks: Int

  init(depth: Int, width: Int) {
    blocks = roundUp(depth, tileSize) / tileSize
    let sumsSize = tileBlockSize * MemoryLayout<Float>.stride
    let blockSize = tileBlockSize * MemoryLayout<BFloat16>.stride
    let panelSize = blocks * blockSize
    let size = sumsSize + 2 * blockSize + panelSize * (1 + width / tileSize)
    guard var next = tile_scratch(size) else { endOutOfMemory(size) }
    func take<Value>(_ size: Int, _ type: Value.Type) -> UnsafeMutablePointer<Value> {
      defer { next += size }
      return next.assumingMemoryBound(to: type)
    }
    sums = take(sumsSize, Float.self)
    packing = PackingScratch(
      edge: take(blockSize, BFloat16.self), pairs: take(blockSize, UInt32.self))
    left = take(panelSize, BFloat16.self)
    group = take(panelSize * (width / tileSize), UInt32.self)
  }

  /// The packed columns from that one of the group on.
  @inline(__always)
  func right(_ column: Int) -> UnsafeMutablePointer<UInt32> {
    group + column / tileSize * blocks * tileBlockSize / 2
  }

  /// sums = the panel of a times 32 columns.
  @inline(__always)
  func multiply(_ column: Int) {
    multiply_packed_tiles(
      UnsafeRawPointer(left).assumingMemoryBound(to: UInt16.self), right(column), sums, blocks)
  }
}
