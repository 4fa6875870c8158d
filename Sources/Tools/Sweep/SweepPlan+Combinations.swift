// Which combinations of values a sweep tries: the whole grid, or a part of it drawn by seed.

import Data
import Reporting

extension SweepPlan {
  /// The values of each variant: the whole grid, the first key changing slowest, or draws from it.
  static func combinations(
    _ axes: [SweepAxis], _ options: SweepOptions
  ) throws -> [[String]] {
    if let count = options.randomCount, gridSize(axes).map({ $0 > count }) ?? true {
      return draw(count, axes, seed: UInt64(options.seed))
    }
    for axis in axes {
      guard case .range = axis.choice else { continue }
      throw Failure(
        .usage, "--vary \(axis.key): a range has no grid; say by --random N how many to draw")
    }
    guard let size = gridSize(axes), size <= mostVariants else {
      throw Failure(
        .usage, "the grid has more than \(mostVariants) variants; draw some of them by --random N")
    }
    return axes.reduce([[]]) { grid, axis in
      guard case .values(let values) = axis.choice else { return grid }
      return grid.flatMap { beginning in values.map { beginning + [$0] } }
    }
  }

  /// How many variants the whole grid has; nil with a range among the axes, and for more than fit.
  private static func gridSize(_ axes: [SweepAxis]) -> Int? {
    var size = 1
    for axis in axes {
      guard case .values(let values) = axis.choice else { return nil }
      let (product, overflows) = size.multipliedReportingOverflow(by: values.count)
      guard !overflows else { return nil }
      size = product
    }
    return size
  }

  /// Different combinations, drawn by seed: `count` of them, or fewer where ranges are so narrow
  /// that no new ones turn up.
  private static func draw(_ count: Int, _ axes: [SweepAxis], seed: UInt64) -> [[String]] {
    var stream = SplitMix64(seed: seed, stream: 0x5357_4545)
    var (drawn, seen, failures) = ([[String]](), Set<[String]>(), 0)
    while drawn.count < count, failures < 100_000 {
      let combination = axes.map { axis in
        switch axis.choice {
        case .values(let values): values[Int(stream.next(below: UInt64(values.count)))]
        case .range(let range): range.draw(&stream)
        }
      }
      if seen.insert(combination).inserted { drawn.append(combination) } else { failures += 1 }
    }
    return drawn
  }
}
