import Kernels
import Memory
import Testing

/// Kernels that only the metrics use, against their naive twins.
struct MetricKernelTests {
  @Test(arguments: [0, 1, 15, 16, 17, 64, 1500])
  func rowKernelsEqualTheirScalarTwins(labels: Int) {
    var generator = TestGenerator(seed: UInt64(labels + 1))
    // Few different values, so that ties are common.
    let values = (0..<labels).map { _ in Float((generator.normal(2) * 4).rounded()) / 4 }
    let bounds = (0..<labels).map { _ in Float((generator.normal(1) * 4).rounded()) / 4 }
    let row = Vector(values)
    let thresholds = laneVector(bounds, padding: .infinity)
    let decided = (0..<labels).filter { values[$0] >= bounds[$0] }
    let counts = Vector<Int32>(zeros: thresholds.count)
    #expect(countDecisions(row: row, thresholds: thresholds, predicted: counts) == decided.count)
    #expect((0..<labels).filter { counts[$0] == 1 } == decided)
    #expect(decidedLabels(row: row, thresholds: thresholds) == decided.map(Int32.init))
    #expect(countAtLeast(0.5, row: row) == values.count { $0 >= 0.5 })
    #expect(isFinite(row: row))
    let order = (0..<labels).sorted { (values[$1], $0) < (values[$0], $1) }
    for k in [0, 1, 5, labels, labels + 3] {
      #expect(largestIndices(row: row, k: k) == order.prefix(k).map(Int32.init))
    }
  }

  @Test func binsHaveExactEdges() {
    let values: [Float] = [
      -1e30, -16, -15.9376, Float(-0.0625).nextDown, -0.0625, -1e-30, 0, 0.0624, 0.0625, 15.99, 16,
      1e30,
    ]
    let expected = [0, 0, 0, 254, 255, 255, 256, 256, 257, 511, 511, 511]
    let row = Vector(values + values)
    let coarse = Vector<UInt32>(zeros: row.count * 512)
    let fine = Vector<Int64>(zeros: 1 << 16)
    ScoreCounters(coarse: coarse, bins: 512, perUnit: 16, fine: fine, finePerUnit: 2048)
      .add(row: row)
    for (index, bin) in (expected + expected).enumerated() {
      #expect(scoreBin(row[index], bins: 512, binsPerUnit: 16) == bin)
      #expect(coarse[index * 512 + bin] == 1, "\(row[index])")
      let place = scoreBin(row[index], bins: 1 << 16, binsPerUnit: 2048)
      #expect(fine[place] > 0)
    }
    #expect(fine.array.reduce(0, +) == Int64(row.count))
  }

  @Test(arguments: [1, 15, 16, 17, 300])
  func cellsThatAreOverwrittenOrUncountedAreTheOnlyOnesTouched(labels: Int) {
    var generator = TestGenerator(seed: UInt64(labels))
    let values = (0..<labels).map { _ in Float(generator.normal(8)) }
    let chosen = (0..<Int32(labels)).filter { _ in generator.uniform() < 0.6 }
    let row = Vector(values)
    #expect(overwrite(row, at: chosen[...], with: 7))
    for label in 0..<labels {
      #expect(row[label] == (chosen.contains(Int32(label)) ? 7 : values[label]))
    }
    // Counting all and uncounting some is counting the others.
    func counted(_ labels: [Int]) -> ([UInt32], [Int64]) {
      var coarse = [UInt32](repeating: 0, count: values.count * 512)
      var fine = [Int64](repeating: 0, count: 1 << 16)
      for label in labels {
        coarse[label * 512 + scoreBin(values[label], bins: 512, binsPerUnit: 16)] += 1
        fine[scoreBin(values[label], bins: 1 << 16, binsPerUnit: 2048)] += 1
      }
      return (coarse, fine)
    }
    let coarse = Vector<UInt32>(zeros: labels * 512)
    let fine = Vector<Int64>(zeros: 1 << 16)
    let counters = ScoreCounters(
      coarse: coarse, bins: 512, perUnit: 16, fine: fine, finePerUnit: 2048)
    counters.add(row: Vector(values))
    counters.subtract(labels: chosen[...], ofRow: Vector(values))
    let twin = counted((0..<labels).filter { !chosen.contains(Int32($0)) })
    #expect(coarse.array == twin.0 && fine.array == twin.1)
  }

  @Test func overwritingTellsOfLogitsThatAreNotFinite() {
    for value in [Float.nan, .infinity, -.infinity] {
      let row = Vector<Float>([0, value, 1])
      #expect(overwrite(row, at: [0, 2], with: 0))
      #expect(!overwrite(row, at: [1], with: 0))
      #expect(row.array == [0, 0, 0])
    }
    #expect(overwrite(Vector<Float>([.nan]), at: [], with: 0))
  }

  @Test func packedCountersAddWithoutTouchingEachOther() {
    let counters = Vector<UInt32>([1, 4_000_000_000, 7, 0])
    let integers = Vector<Int64>(zeros: 2)
    packCounters(counters, into: integers)
    let sum = Vector<Int64>(zeros: 2)
    let single = Vector<UInt32>(zeros: 4)
    unpackCounters(integers, into: single)
    #expect(single.array == counters.array)
    packCounters(Vector<UInt32>([1, 2_000_000_000, 7, 0]), into: integers)
    for index in 0..<2 { sum[index] = integers[index] &+ integers[index] }
    unpackCounters(sum, into: single)
    #expect(single.array == [2, 4_000_000_000, 14, 0])
  }
}
