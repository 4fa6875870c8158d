// Buffers with sentinels around them and between their rows. What a kernel may only read is
// checked to be unchanged, what it must write is filled with NaNs first.

import Memory
import Testing

/// Where buffers lie and how far apart their rows are.
enum Layout: String, CaseIterable {
  /// Aligned, rows end to end.
  case tight
  /// Off any alignment by one float, rows end to end.
  case shifted
  /// Off alignment by seven floats, rows 5 floats further apart than they are long.
  case strided
  /// Aligned, rows in the middle of others twice as long.
  case wide

  fileprivate var offset: Int {
    switch self {
    case .tight, .wide: 0
    case .shifted: 1
    case .strided: 7
    }
  }

  fileprivate func stride(_ columns: Int) -> Int {
    switch self {
    case .tight, .shifted: columns
    case .strided: columns + 5
    case .wide: 2 * columns + 16
    }
  }
}

/// A NaN that no kernel makes, so that a stray read shows in the result and a stray write here.
let sentinel = Float(bitPattern: 0x7FC0_5AFE)

/// A matrix whose rows are surrounded by sentinels.
struct GuardedMatrix {
  let name: String
  let view: Matrix<Float>
  private let whole: Vector<Float>
  private let begin: Int

  /// Sentinels before and after, in floats: more than any kernel's block of 128.
  private static let margin = 192

  init(_ name: String, rows: Int, columns: Int, values: [Float]?, layout: Layout) {
    self.name = name
    let stride = layout.stride(columns)
    begin = Self.margin + layout.offset
    whole = Vector(zeros: begin + rows * stride + Self.margin)
    whole.fill(sentinel)
    view = Matrix(
      owner: whole.owner, pointer: whole.pointer + begin, rows: rows, columns: columns,
      stride: stride)
    guard let values else { return }
    precondition(values.count == rows * columns)
    for row in 0..<rows {
      view.row(row).copy(from: Array(values[row * columns..<(row + 1) * columns]))
    }
  }

  /// First place outside of the view, counted from its beginning, that was written to.
  var overwrittenPlace: Int? {
    let values = whole.array
    var gapBegin = 0
    for row in 0...view.rows {
      let dataBegin = row < view.rows ? begin + row * view.stride : values.count
      let gap = gapBegin..<dataBegin
      let place = gap.first { values[$0].bitPattern != sentinel.bitPattern }
      if let place { return place - begin }
      gapBegin = dataBegin + view.columns
    }
    return nil
  }
}

/// The guarded operands of one call of a kernel, by name.
final class GuardedMemory {
  private let layout: Layout
  private var constants: [(matrix: GuardedMatrix, values: [Float])] = []
  private var results: [GuardedMatrix] = []

  init(_ layout: Layout) {
    self.layout = layout
  }

  /// What the kernel only reads.
  func constant(_ values: [Float], _ rows: Int, _ columns: Int) -> Matrix<Float> {
    let name = "constant \(constants.count)"
    let matrix = GuardedMatrix(name, rows: rows, columns: columns, values: values, layout: layout)
    constants.append((matrix, values))
    return matrix.view
  }

  /// What the kernel only reads.
  func constant(_ values: [Float]) -> Vector<Float> {
    constant(values, 1, values.count).row(0)
  }

  /// What the kernel must write whole.
  func output(_ name: String, _ rows: Int, _ columns: Int) -> Matrix<Float> {
    result(GuardedMatrix(name, rows: rows, columns: columns, values: nil, layout: layout))
  }

  /// What the kernel must write whole.
  func output(_ name: String, _ count: Int) -> Vector<Float> {
    output(name, 1, count).row(0)
  }

  /// What the kernel reads and writes.
  func changing(_ name: String, _ values: [Float], _ rows: Int, _ columns: Int) -> Matrix<Float> {
    result(GuardedMatrix(name, rows: rows, columns: columns, values: values, layout: layout))
  }

  /// What the kernel reads and writes.
  func changing(_ name: String, _ values: [Float]) -> Vector<Float> {
    changing(name, values, 1, values.count).row(0)
  }

  private func result(_ matrix: GuardedMatrix) -> Matrix<Float> {
    results.append(matrix)
    return matrix.view
  }

  /// The values of everything that the kernel wrote.
  var written: [String: [Float]] {
    Dictionary(uniqueKeysWithValues: results.map { ($0.name, $0.view.array) })
  }

  /// Expects no write outside of the views, and no constant changed.
  func expectIntact(_ what: String, sourceLocation: SourceLocation) {
    for fault in faults(what) { Issue.record("\(fault)", sourceLocation: sourceLocation) }
  }

  /// Each write outside of the views and each constant that changed.
  func faults(_ what: String) -> [String] {
    let changed = constants.filter { !haveSameBits($0.matrix.view.array, $0.1) }
    let overwritten = (constants.map(\.matrix) + results).compactMap { matrix in
      matrix.overwrittenPlace.map {
        "\(what), \(layout): \(matrix.name) was written to outside of its view, at \($0)"
      }
    }
    return changed.map { "\(what): \($0.matrix.name) was changed" } + overwritten
  }
}
