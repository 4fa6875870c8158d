// The rate of matrix products alone, at the shapes of a BERT's layers: the ceiling that a training
// step is compared with. One process a rank, all at the same time, one thread each:
//
//     mpirun -n 2 product-ceiling 1430 384 1536 fp32
//
// prints, for T tokens, hidden size H and intermediate size I, the GFLOP/s of all ranks over the
// products of a layer forward and backward, weighted by their operations as a step weights them: as
// training multiplies and by the library, and of rank 0 as training multiplies by form.

import Collectives
import Foundation
import Kernels
import ProcessControl

/// What the command line asks for.
struct Arguments {
  let tokens: Int
  let hidden: Int
  let intermediate: Int
  let precision: ProductPrecision

  init?(_ words: [String]) {
    guard words.count == 4,
      let precision = ["fp32": .float32, "bf16": .bfloat16][words[3]]
        as ProductPrecision?
    else { return nil }
    let sizes = words.prefix(3).compactMap { Int($0) }
    guard sizes.count == 3, sizes.allSatisfy({ $0 > 0 }) else { return nil }
    (tokens, hidden, intermediate) = (sizes[0], sizes[1], sizes[2])
    self.precision = precision
  }
}

setUpProcess(setting: processorKernelVariables(comparing: true))
guard let arguments = Arguments(Array(CommandLine.arguments.dropFirst())) else {
  print("usage: product-ceiling TOKENS HIDDEN INTERMEDIATE fp32|bf16")
  exit(64)
}
if let obstacle = arguments.precision.obstacle {
  print("product-ceiling: \(obstacle)")
  exit(78)
}
let communicator = try Communicator()
setMatrixProductThreads(1)
let products = LayerProducts(arguments)
try communicator.barrier()
let rates = products.measure(seconds: 2)
let all = try communicator.allGather(SIMD2(rates.training, rates.library))
if communicator.isRoot {
  let sum = all.reduce(SIMD2<Double>.zero, +)
  let forms = rates.forms.map { "\"\($0.name)\": \($0.rate)" }.joined(separator: ", ")
  print(
    "{\"gflops\": \(sum.x), \"library_gflops\": \(sum.y), \"gflops_by_form\": {\(forms)}}")
}
try communicator.finalize()
