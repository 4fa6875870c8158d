// `ddp-train audit`: what is worth knowing of a file of labeled rows before training, without a
// config.

import Collectives
import Configuration
import Reporting
import Runs
import Storage
import Training

/// Looks at the labeled rows of a file as a fit would read them, and prints what may cost F1.
public func runAudit(_ options: AuditOptions) throws {
  try onAllRanks { communicator in
    try communicator.rootOnly {
      try checkOutputs(
        options.output.map { [("--output", $0)] } ?? [],
        inputs: [options.data.data, options.data.validation, options.data.test].compactMap { $0 })
    }
    let plan = try communicator.everyRank {
      try FitPlan(options.data, ranks: communicator.worldSize)
    }
    let longest = try communicator.everyRank { try plan.longestRow() }
    let configuration =
      try longest.map { try plan.encoder(EncoderEffort(maxLength: $0, epochs: 1)) }
      ?? plan.linear()
    let experiment = try Experiment(configuration, communicator)
    try communicator.rootOnly {
      let audit = RunAudit(experiment)
      let lengths = TextLengths(experiment.task.trainingLengths, longest: longest)
      print((plan.lines + [""] + audit.dataLines + lengths.lines).joined(separator: "\n"))
      if let output = options.output { try audit.record.json.write(to: output) }
    }
  }
}

/// How much of the texts an encoder reads.
private struct TextLengths {
  private let sorted: [Int]
  private let longest: Int

  /// - Parameters:
  ///   - lengths: tokens of each row, at most `longest`.
  ///   - longest: nil where there is no encoder, and nothing is known.
  init(_ lengths: [Int], longest: Int?) {
    sorted = longest == nil ? [] : lengths.sorted()
    self.longest = longest ?? 0
  }

  var lines: [String] {
    guard let most = sorted.last else {
      return ["data: tokens of the texts: no encoder is there to count them (--encoder)"]
    }
    let cuts = [64, 128, 256, 512].filter { $0 <= longest }.map { limit in
      let longer = sorted.count { limit < longest ? $0 > limit : $0 >= limit }
      return "\(limit): \(fixed(100 * Double(longer) / Double(sorted.count), digits: 1)) %"
    }
    return [
      "data: tokens of a text: median \(sorted[sorted.count / 2]), most \(most)",
      "data: texts that model.max_length would cut, at " + cuts.joined(separator: ", "),
    ]
  }
}
