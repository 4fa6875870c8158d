// `ddp-train fit`: from a file of labeled rows to a tested model, without a config.

import Collectives
import Kernels
import Reporting
import Training

/// Fits the best model of labeled rows on all ranks that were started.
public func runFit(_ options: FitOptions) throws {
  if !options.planOnly { StopRequest.listen() }
  try onAllRanks { communicator in
    setMatrixProductThreads(matrixProductThreadsWanted)
    try communicator.checkSameProgram()
    let plan = try communicator.everyRank { try FitPlan(options, ranks: communicator.worldSize) }
    try communicator.watch(limit: .seconds(1800)) { death in
      "\(Program.name): error: \(death), so all others end; go on with --resume\n"
    }
    if communicator.isRoot { print(plan.lines.joined(separator: "\n")) }
    guard !options.planOnly else { return }
    try communicator.locking(directory: plan.directory.path) {
      try Fit(plan, communicator).run()
    }
  }
}
