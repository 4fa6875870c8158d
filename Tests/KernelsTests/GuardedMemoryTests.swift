import Memory
import Testing

/// The tests' own tools must see what they are there to see.
struct GuardedMemoryTests {
  @Test(arguments: Layout.allCases)
  func aWriteBesideTheViewIsSeen(layout: Layout) {
    for place in [-1, 16, 129] {
      let matrix = GuardedMatrix("m", rows: 1, columns: 16, values: nil, layout: layout)
      #expect(matrix.overwrittenPlace == nil)
      let wider = Vector(owner: matrix.view.owner, pointer: matrix.view.pointer - 1, count: 200)
      wider[place + 1] = 0
      #expect(matrix.overwrittenPlace == place)
    }
  }

  @Test func aWriteBetweenTheRowsIsSeen() {
    let matrix = GuardedMatrix("m", rows: 3, columns: 4, values: nil, layout: .strided)
    matrix.view.row(1).fill(7)
    #expect(matrix.overwrittenPlace == nil)
    Vector(owner: matrix.view.owner, pointer: matrix.view.pointer, count: 27)[8] = 7
    #expect(matrix.overwrittenPlace == 8)
  }

  @Test func theComparisonSeesWrongValuesAndNaNs() {
    for wrong in [1.001, Float.nan, .infinity] {
      #expect(difference([1, wrong, 1], [1, 1, 1], within: .elementwise, "wrong") != nil)
    }
    #expect(difference([1], [1, 1], within: .elementwise, "short") != nil)
    #expect(difference([1, 1], [1, 1 + 1e-9], within: .elementwise, "right") == nil)
  }

  @Test func theComparisonForgivesAFewOutliersAndNoMore() {
    let tolerance = Tolerance(reason: "test", relative: 1e-6, outliers: (0.01, 1e-2))
    func difference(_ wrong: [Float]) -> String? {
      let ones = [Double](repeating: 1, count: 200)
      let actual = wrong + [Float](repeating: 1, count: 200 - wrong.count)
      return KernelsTests.difference(actual, ones, within: tolerance, "outliers")
    }
    #expect(difference([1.001, 0.999]) == nil)
    #expect(difference([1.001, 0.999, 1.001]) != nil)
    #expect(difference([1.1]) != nil)
    #expect(difference([.nan]) != nil)
  }

  @Test func aKernelThatWritesTooMuchOrDependsOnItsLayoutIsSeen() {
    let writesConstant = examine("constant", [:], within: .exact) {
      $0.constant([1, 2]).fill(3)
    }
    #expect(!writesConstant.faults.isEmpty)
    let readsStride = examine("stride", ["a": [0, 0]], within: .exact) {
      let a = $0.changing("a", [0, 0], 2, 1)
      a.row(0).fill(a.stride == 1 ? 0 : 1)
    }
    #expect(!readsStride.faults.isEmpty)
    let leavesOut = examine("left out", ["a": [0, 0]], within: .exact) {
      $0.output("a", 2)[0] = 0
    }
    #expect(!leavesOut.faults.isEmpty)
  }
}
