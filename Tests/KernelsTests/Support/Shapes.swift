import Kernels

/// Widths around the vector length of 16, and those of real models.
let widths = [1, 7, 15, 16, 17, 40, 384, 1_536]

/// Lengths of the rows of a batch: none, one, several unlike ones.
let batches: [[Int]] = [[], [1], [2], [5], [17], [64], [65], [130], [3, 1, 65, 17, 2]]

/// Rows of the given lengths, with keys that are not their numbers.
func raggedRows(_ lengths: [Int]) -> RaggedRows {
  RaggedRows(
    offsets: lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) },
    keys: lengths.indices.map { UInt32(1_000 + 37 * $0) })
}

/// Dropout of 30 % at place 3 of step 11.
let someDropout = Dropout(probability: 0.3, seed: 0x1234_5678_9ABC_DEF0, step: 11, place: 3)
