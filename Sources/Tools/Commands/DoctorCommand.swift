// `ddp-train doctor`: what the machine is, how it was started, what is wrong and what repairs it.

import Collectives
import Foundation
import Kernels
import Memory
import Reporting
import Training

/// Examines the machine and the launch; each rank reports, rank 0 prints.
public func runDoctor() throws {
  try onAllRanks { communicator in
    setMatrixProductThreads(matrixProductThreadsWanted)
    let report = try RankReport(communicator)
    let all = try communicator.allGather(report.text)
    guard communicator.isRoot else { return }
    print("program      \(Program.name) \(Program.version)")
    print("MPI          \(Communicator.libraryVersion)")
    print("ranks        \(communicator.worldSize)")
    print("vector unit  \(vectorUnit())")
    print("fp32         \(matrixProductLibrary())")
    let unit = bfloat16ProductUnit() ?? ""
    print(
      "bf16         "
        + (ProductPrecision.bfloat16.obstacle
          ?? "\(unit), attention on \(bfloat16AttentionUnit())"))
    for (rank, text) in all.enumerated() {
      print("rank \(rank)       \(text)")
    }
    let advice = report.advice(communicator)
    print(advice.isEmpty ? "nothing to mend" : advice.map { "mend: \($0)" }.joined(separator: "\n"))
  }
}

/// What one rank sees and measures.
private struct RankReport {
  let cores: Int
  let threads: Int
  /// GFLOP/s of products in each precision that there is, rounding included.
  let productRates: [(name: String, rate: Double)]
  let exchangeRate: Double?
  private let host: String

  init(_ communicator: Communicator) throws {
    host = communicator.hostName
    cores = allowedCores()
    threads = matrixProductThreadsWanted
    try communicator.barrier()
    productRates = Self.measureProducts()
    exchangeRate = try Self.measureExchange(communicator)
  }

  var text: String {
    "\(host), \(cores) of \(ProcessInfo.processInfo.processorCount) cores, \(threads) threads a "
      + "product, "
      + productRates.map { "\($0.name) \(Int($0.rate)) GFLOP/s" }.joined(separator: ", ")
      + (exchangeRate.map { ", all-reduce \(($0 * 100).rounded() / 100) GB/s" } ?? "")
  }

  /// Of the layers of a small BERT, whose texts are of middle length.
  private static func measureProducts() -> [(name: String, rate: Double)] {
    let hasBFloat16 = ProductPrecision.bfloat16.obstacle == nil
    let shape = LayerProductShape(tokens: 1_024, hiddenSize: 384)
    let seconds = shape.measure(hasBFloat16 ? [.float32, .bfloat16] : [.float32])
    return zip(["fp32", "bf16"], seconds).map { ($0, shape.operations / $1 / 1e9) }
  }

  /// All-reduce of 16 MiB, as its two halves.
  private static func measureExchange(_ communicator: Communicator) throws -> Double? {
    guard communicator.worldSize > 1 else { return nil }
    let count = 4 << 20
    let values = Vector<Float>(zeros: count)
    let reducer = GradientReducer(
      queue: ExchangeQueue(communicator: communicator), gradients: values,
      buckets: [Bucket(offset: 0, count: count)])
    var best = 0.0
    for _ in 0..<4 {
      try communicator.barrier()
      let start = ContinuousClock.now
      try reducer.startReduction(of: 0)
      try reducer.finish()
      try reducer.startGathering(values, of: 0)
      try reducer.finish()
      best = max(best, Double(count * 4) / ((ContinuousClock.now - start) / .seconds(1)) / 1e9)
    }
    return best
  }

  /// What is misconfigured, and the line that mends it.
  func advice(_ communicator: Communicator) -> [String] {
    var advice: [String] = []
    let all = ProcessInfo.processInfo.processorCount
    if communicator.localSize * threads > all {
      advice.append(
        "\(communicator.localSize) ranks × \(threads) threads on \(all) cores: set "
          + "OPENBLAS_NUM_THREADS=\(max(1, all / communicator.localSize)) or start fewer ranks")
    }
    if communicator.localSize > all {
      advice.append("more ranks than cores: start mpirun -n \(all)")
    }
    if communicator.localSize > 1, cores < threads {
      advice.append("a rank may use \(cores) cores for \(threads) threads: mpirun --bind-to none")
    }
    if communicator.worldSize == 1, all > 1 {
      advice.append("one rank uses one of \(all) cores: mpirun -n \(all) ddp-train …")
    }
    return advice
  }
}
