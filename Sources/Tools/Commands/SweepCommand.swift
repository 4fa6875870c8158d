// `ddp-train sweep`: one configuration, many values, one table.

import Collectives
import Configuration
import Kernels
import Reporting
import Storage
import Training

/// Runs the variants of a sweep, each on all ranks.
public func runSweep(_ options: SweepOptions) throws {
  if !options.dryRun { StopRequest.listen() }
  try onAllRanks { communicator in
    setMatrixProductThreads(matrixProductThreadsWanted)
    try communicator.checkSameProgram()
    var text: [UInt8] = []
    try communicator.rootOnly {
      text = try Configuration.bytes(of: options.configuration)
      let assignments = options.overrides + options.variations
      if let note = Configuration.renamingNote(text: text, overrides: assignments) {
        printNote(note)
      }
    }
    text = try communicator.broadcast(text)
    let plan = try communicator.everyRank { try SweepPlan(options, text: text) }
    let limit = plan.variants.map(\.configuration.training.ddpTimeout).max() ?? 0
    try communicator.watch(limit: .seconds(limit)) { death in
      "\(Program.name): error: \(death), so all others end; the same command goes on\n"
    }
    communicator.activity = "reading the data"
    if communicator.isRoot {
      print("sweep: \(plan.variants.count) variants in \(plan.directory)")
    }
    let sweep = Sweep(plan, options, communicator)
    guard !options.dryRun else {
      try sweep.check()
      if communicator.isRoot { for variant in plan.variants { print(variant.name) } }
      return
    }
    try communicator.locking(directory: plan.directory) {
      try sweep.check()
      try sweep.run()
    }
  }
}
