// The rate of matrix products alone, at the shapes of a BERT's layers: the ceiling that a training
// step is compared with. One process a rank, all at the same time:
//
//     mpirun -n 2 product-ceiling 1430 384 1536
//
// prints, for T tokens, hidden size H and intermediate size I, the GFLOP/s of each rank over the
// products of a layer forward and backward, weighted as a step weights them.

import Collectives
import Foundation
import Kernels
import Memory

/// A dense layer's three products for T tokens: forward, input gradient, weight gradient.
struct DenseProducts {
  let input: Matrix<Float>
  let weights: Matrix<Float>
  let output: Matrix<Float>
  let weightGradient: Matrix<Float>

  init(tokens: Int, from inner: Int, to outer: Int) {
    input = Matrix(zeros: tokens, inner)
    weights = Matrix(zeros: outer, inner)
    output = Matrix(zeros: tokens, outer)
    weightGradient = Matrix(zeros: outer, inner)
    for matrix in [input, weights, output] { matrix.vector.fill(0.5) }
  }

  func run() {
    multiply(input, transposed: weights, into: output)
    multiply(output, weights, into: input)
    multiply(transposed: output, input, into: weightGradient)
    input.vector.fill(0.5)
  }

  var operations: Double {
    6 * Double(input.rows) * Double(input.columns) * Double(output.columns)
  }
}

let sizes = CommandLine.arguments.dropFirst().compactMap { Int($0) }
guard sizes.count == 3, sizes.allSatisfy({ $0 > 0 }) else {
  print("usage: product-ceiling TOKENS HIDDEN INTERMEDIATE")
  exit(64)
}
let (tokens, hidden, intermediate) = (sizes[0], sizes[1], sizes[2])
let communicator = try Communicator()
setMatrixProductThreads(1)
let layer = [
  DenseProducts(tokens: tokens, from: hidden, to: 3 * hidden),
  DenseProducts(tokens: tokens, from: hidden, to: hidden),
  DenseProducts(tokens: tokens, from: hidden, to: intermediate),
  DenseProducts(tokens: tokens, from: intermediate, to: hidden),
]
let operations = layer.reduce(0) { $0 + $1.operations }
try communicator.barrier()
let rates = (0..<9).map { _ -> Double in
  let time = ContinuousClock().measure { for products in layer { products.run() } }
  return operations / (time / .seconds(1)) / 1e9
}
let median = rates.sorted()[rates.count / 2]
let all = try communicator.allGather(Array("\(median)".utf8))
if communicator.isRoot {
  let values = all.map { String(decoding: $0, as: UTF8.self) }
  print("{\"gflops_per_rank\": [\(values.joined(separator: ", "))]}")
}
try communicator.finalize()
