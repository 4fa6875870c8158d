// Real kills: a process of its own saves without end and is killed at a moment that a seed chooses.

import Foundation
import Memory
import Storage
import Testing

/// Replaces `best/` and adds, checks and rotates checkpoints until the process is killed.
private func saveUntilKilled(_ path: String, afterMicroseconds delay: UInt32) throws {
  let run = RunDirectory(path: path)
  Thread.detachNewThread {
    usleep(delay)
    kill(getpid(), SIGKILL)
  }
  try run.prepare()
  let values = Vector<Float>(zeros: 10_000)
  var step = (try run.checkpoints.newestValid().checkpoint?.step ?? 0) + 1
  while true {
    values.fill(Float(step))
    for pending in [
      try PendingDirectory.begin(at: run.best), try run.checkpoints.begin(step: step),
    ] {
      var writer = SafetensorsWriter()
      writer.add("values", shape: [values.count], values)
      try pending.commit(files: [try pending.writeFile("model.safetensors", writer.write(to:))])
    }
    _ = try run.checkpoints.rotate(limit: 2)
    step += 1
  }
}

@Test func aKillAtAnyMomentLosesNothing() async throws {
  let scratch = try Scratch()
  let path = scratch("run")
  let run = RunDirectory(path: path)
  var lastStep = 0
  var leftovers = 0
  for seed in 0..<25 as Range<UInt32> {
    let delay = 3000 + seed &* 2_654_435_761 % 40_000
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [path = path as String, delay = delay as UInt32] in
      try saveUntilKilled(path, afterMicroseconds: delay)
    }
    for directory in [path, run.checkpoints.directory] where fileKind(directory) == .directory {
      leftovers += try entries(of: directory).count { $0.hasPrefix(".") }
    }
    try run.prepare()
    let (checkpoint, damaged) = try run.checkpoints.newestValid()
    let step = checkpoint?.step ?? 0
    #expect(damaged.isEmpty)
    #expect(step >= lastStep)
    lastStep = step
    #expect(Set(try entries(of: path)).isSubset(of: ["best", "checkpoints"]))
    guard fileKind(run.best) != nil else {
      #expect(step == 0)
      continue
    }
    try Manifest(directory: run.best).validate(run.best)
    let values = Vector<Float>(zeros: 10_000)
    try SafetensorsFile(path: "\(run.best)/model.safetensors").copy("values", into: values)
    #expect(values[0] == Float(step) || values[0] == Float(step + 1))
    #expect(values[9999] == values[0])
  }
  print("25 kills: \(lastStep) checkpoints survived, \(leftovers) leftovers mended")
}
