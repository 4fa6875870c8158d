import Memory
import Testing

struct MatrixTests {
  private let matrix = Matrix((0..<12).map(Float.init), rows: 3, columns: 4)

  @Test func isRowMajor() {
    #expect(matrix[0, 3] == 3 && matrix[2, 1] == 9)
    #expect(matrix.row(1).array == [4, 5, 6, 7])
    #expect(matrix.vector.array == (0..<12).map(Float.init))
  }

  @Test func partsKeepTheirStrideAndShareTheMemory() {
    let part = matrix.rows(1..<3).columns(1..<3)
    #expect(part.rows == 2 && part.columns == 2 && part.stride == 4)
    #expect(part.array == [5, 6, 9, 10])
    part[1, 0] = 90
    #expect(matrix[2, 1] == 90)
    part.row(0).fill(0)
    #expect(matrix.row(1).array == [4, 0, 0, 7])
    matrix[2, 1] = 9
    matrix.row(1).copy(from: [4, 5, 6, 7])
  }

  @Test func oneRowOfAStridedMatrixIsAVector() {
    #expect(matrix.columns(1..<3).rows(2..<3).vector.array == [9, 10])
  }

  @Test func emptyMatricesAreFine() {
    #expect(Matrix<Float>(zeros: 0, 4).array.isEmpty)
    #expect(Matrix<Float>(zeros: 4, 0).array.isEmpty)
    #expect(Matrix<Float>(zeros: 4, 0).vector.count == 0)
    #expect(matrix.rows(3..<3).array.isEmpty)
    #expect(matrix.columns(4..<4).row(2).count == 0)
  }
}
