import Kernels
import Memory
import Testing

/// The time of kernels, by kind.
struct KernelClockTests {
  @Test func aProductCountsInTheKindOfItsForm() {
    _ = KernelTimes.take()
    let (a, b) = (Matrix<Float>(zeros: 64, 64), Matrix<Float>(zeros: 64, 64))
    let c = Matrix<Float>(zeros: 64, 64)
    multiply(a, transposed: b, into: c)
    let forward = KernelTimes.take()
    multiply(a, b, into: c)
    multiply(transposed: a, b, into: c)
    let backward = KernelTimes.take()
    #expect(kinds(forward) == [.forwardProduct])
    #expect(kinds(backward) == [.inputGradientProduct, .weightGradientProduct])
    #expect(kinds(KernelTimes.take()) == [])
  }

  @Test func aKernelInsideAnotherOneCountsAsPartOfThat() {
    _ = KernelTimes.take()
    let rows = RaggedRows(offsets: [0, 3, 5], keys: [0, 1])
    meanPoolingForward(
      Matrix<Float>(zeros: 5, 32), rows: rows, output: Matrix<Float>(zeros: 2, 32))
    #expect(kinds(KernelTimes.take()) == [.pooling])
  }

  @Test func timesAreAddedByKind() {
    var sum = KernelTimes()
    _ = KernelTimes.take()
    let values = Vector<Float>(zeros: 4_096)
    scale(values, by: 2)
    let first = KernelTimes.take()
    _ = sumOfSquares(values)
    let second = KernelTimes.take()
    sum.add(first)
    sum.add(second)
    sum.add(second)
    #expect(sum[.reduction] == first[.reduction])
    #expect(abs(sum[.optimizer] - 2 * second[.optimizer]) < 1e-12)
  }

  private func kinds(_ times: KernelTimes) -> Set<KernelKind> {
    Set(KernelKind.allCases.filter { times[$0] > 0 })
  }
}
