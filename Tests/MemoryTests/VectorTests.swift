import Memory
import Testing

struct VectorTests {
  @Test func holdsACopyOfTheArray() {
    let values = (0..<1_000).map { Int32($0 * $0) }
    #expect(Vector(values).array == values)
    #expect(Vector([Double]()).array.isEmpty)
  }

  @Test func viewsShareTheirMemory() {
    let whole = Vector<Float>([0, 1, 2, 3, 4, 5])
    let part = whole[2..<5]
    part[0] = 20
    whole[4] = 40
    #expect(part.array == [20, 3, 40])
    #expect(whole.array == [0, 1, 20, 3, 40, 5])
    #expect(part[1..<3].array == [3, 40])
    #expect(whole[6..<6].array.isEmpty)
  }

  @Test func fillingAPartLeavesTheRest() {
    let whole = Vector<Float>(zeros: 5)
    whole[1..<4].fill(7)
    #expect(whole.array == [0, 7, 7, 7, 0])
    whole[2..<2].fill(9)
    #expect(whole.array == [0, 7, 7, 7, 0])
  }

  @Test func copies() {
    let target = Vector<Float>(zeros: 4)
    target[1..<3].copy(from: [5, 6])
    #expect(target.array == [0, 5, 6, 0])
    target[0..<2].copy(from: target[2..<4])
    #expect(target.array == [6, 0, 6, 0])
    target[0..<0].copy(from: [])
    #expect(target.array == [6, 0, 6, 0])
  }

  @Test func overlappingPartsCopyAsIfThroughAnother() {
    let values = Vector<Int>([0, 1, 2, 3, 4])
    values[1..<5].copy(from: values[0..<4])
    #expect(values.array == [0, 0, 1, 2, 3])
  }

  @Test func bytesAreLittleEndian() {
    #expect(
      Vector<UInt32>([0x0403_0201, 0xFF]).withBytes { Array($0) } == [1, 2, 3, 4, 255, 0, 0, 0])
  }

  @Test func aVectorIsSeenAsAMatrix() {
    let matrix = Vector((0..<6).map(Float.init)).matrix(2, 3)
    #expect(matrix[1, 0] == 3 && matrix.stride == 3)
    #expect(Vector<Float>([]).matrix(0, 3).array.isEmpty)
  }
}

struct MisuseOfViewsTests {
  @Test func readingBehindTheEndIsAFault() async {
    await #expect(processExitsWith: .failure) { _ = Vector<Float>(zeros: 3)[3] }
    await #expect(processExitsWith: .failure) { _ = Vector<Float>(zeros: 3)[-1] }
    await #expect(processExitsWith: .failure) { _ = Vector<Float>(zeros: 3)[1..<4] }
  }

  @Test func writingBehindTheEndIsAFault() async {
    await #expect(processExitsWith: .failure) { Vector<Float>(zeros: 3)[3] = 1 }
    await #expect(processExitsWith: .failure) { Matrix<Float>(zeros: 2, 3)[0, 3] = 1 }
    await #expect(processExitsWith: .failure) { Vector<Float>(zeros: 3).copy(from: [1, 2]) }
  }

  @Test func wrongShapesAreFaults() async {
    await #expect(processExitsWith: .failure) { _ = Vector<Float>(zeros: 6).matrix(2, 2) }
    await #expect(processExitsWith: .failure) { _ = Matrix<Float>(zeros: 2, 3).row(2) }
    await #expect(processExitsWith: .failure) { _ = Matrix<Float>(zeros: 2, 3).rows(1..<3) }
    await #expect(processExitsWith: .failure) { _ = Matrix<Float>(zeros: 2, 3).columns(0..<4) }
    await #expect(processExitsWith: .failure) {
      _ = Matrix<Float>(zeros: 2, 3).columns(0..<2).vector
    }
  }
}
