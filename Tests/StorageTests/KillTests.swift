// Real kills: a process of its own saves without end and is killed at a moment that a seed chooses.

import Foundation
import Memory
import Storage
import Testing

/// Replaces `best/` and adds, checks and rotates checkpoints until the process is killed.
/// - Parameters:
///   - saves: how many saves end before the delay begins.
///   - delay: microseconds.
private func saveUntilKilled(_ path: String, afterSaves saves: Int, delay: UInt32) throws {
  let run = RunDirectory(path: path)
  try run.prepare()
  let values = Vector<Float>(zeros: 10_000)
  let first = (try run.checkpoints.newestValid().checkpoint?.step ?? 0) + 1
  for step in first... {
    if step == first + saves {
      Thread.detachNewThread {
        usleep(delay)
        kill(getpid(), SIGKILL)
      }
    }
    values.fill(Float(step))
    for pending in [
      try PendingDirectory.begin(at: run.best), try run.checkpoints.begin(step: step),
    ] {
      var writer = SafetensorsWriter()
      writer.add("values", shape: [values.count], values)
      try pending.commit(files: [try pending.writeFile("model.safetensors", writer.write(to:))])
    }
    _ = try run.checkpoints.rotate(limit: 2)
  }
}

@Test func aKillAtAnyMomentLosesNothing() async throws {
  let scratch = try Scratch()
  let path = scratch("run")
  let run = RunDirectory(path: path)
  var lastStep = 0
  var leftovers = 0
  for seed in 0..<25 as Range<UInt32> {
    // Every other kill comes after a save at the earliest, however slow the disk is.
    let saves = Int(seed % 2)
    let delay = 3000 + seed &* 2_654_435_761 % 40_000
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [path = path as String, saves = saves as Int, delay = delay as UInt32] in
      try saveUntilKilled(path, afterSaves: saves, delay: delay)
    }
    for directory in [path, run.checkpoints.directory] where fileKind(directory) == .directory {
      leftovers += try entries(of: directory).count { $0.hasPrefix(".") }
    }
    try run.prepare()
    let (checkpoint, damaged) = try run.checkpoints.newestValid()
    let step = checkpoint?.step ?? 0
    #expect(damaged.isEmpty)
    #expect(step >= lastStep + saves)
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
  print("25 kills: \(lastStep) checkpoints survived, \(leftovers) leftovers removed")
}
