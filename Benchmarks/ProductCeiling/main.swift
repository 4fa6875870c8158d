// The rate of matrix products alone, at the shapes of a BERT's layers: the ceiling that a training
// step is compared with. One process a rank, all at the same time, one thread each:
//
//     mpirun -n 2 product-ceiling 1430 384 1536 fp32
//
// prints, for T tokens, hidden size H and intermediate size I, the GFLOP/s of each rank over the
// products of a layer forward and backward, weighted by their operations as a step weights them,
// and those of rank 0 by form.

import Collectives
import Foundation
import Kernels

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

restartWithProcessorKernels()
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
let rates = products.measure(seconds: 1.5)
let all = try communicator.allGather(Array("\(rates.median) \(rates.best)".utf8))
if communicator.isRoot {
  let ranks = all.map { String(decoding: $0, as: UTF8.self).split(separator: " ") }
  let medians = ranks.map { $0[0] }.joined(separator: ", ")
  let best = ranks.map { $0[1] }.joined(separator: ", ")
  let forms = rates.forms.map { "\"\($0.name)\": \($0.rate)" }.joined(separator: ", ")
  print(
    "{\"gflops_per_rank\": [\(medians)], \"best_gflops_per_rank\": [\(best)], "
      + "\"gflops_by_form\": {\(forms)}}")
}
try communicator.finalize()
