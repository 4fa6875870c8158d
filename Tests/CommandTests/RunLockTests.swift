// One folder, one run: a second one is refused with the first one's process and host, and a run
// that died is in nobody's way.

import Foundation
import Testing

extension WholeProgram {
  @Suite struct RunLockTests {
    let place: Workplace
    private static let long = ["training.num_train_epochs=3000", "early_stopping.patience=null"]

    init() throws { place = try Workplace() }

    private func started() throws -> RunningProgram {
      let run = try place.start(Self.long)
      #expect(eventually { place.exists("run/metrics.jsonl") }, "no run has begun")
      return run
    }

    @Test(arguments: [["--resume"], ["--overwrite"], []])
    func aSecondRunInTheSameFolderIsRefused(options: [String]) throws {
      let first = try started()
      let second = try place.start(Self.long + options).ending()
      #expect(second.code == 78 && second.messages.count == 1, "\(second.errors)")
      let message = try #require(second.messages.first)
      #expect(message.contains("another run is at work here (process \(first.identifier) on "))
      #expect(first.isRunning, "the first run goes on")
      kill(first.identifier, SIGTERM)
      #expect(try first.ending().code == 75)
      #expect(!place.exists("run/.lock"))
    }

    @Test func aRunThatWasKilledIsInNobodysWay() throws {
      let first = try started()
      #expect(
        eventually {
          let names = try? FileManager.default.contentsOfDirectory(
            atPath: "\(place.path)/run/checkpoints")
          return names?.contains { $0.hasPrefix("step-") } == true
        })
      kill(first.identifier, SIGKILL)
      _ = try first.ending()
      #expect(place.exists("run/.lock"))
      let start = ContinuousClock.now
      let second = try place.train("training.num_train_epochs=4", "--resume")
      #expect(second.code == 0, "\(second.errors)")
      #expect(
        !second.errors.contains("waiting to see"), "this machine knows that its process is dead")
      #expect(ContinuousClock.now - start < .seconds(30))
    }

    @Test func aRunThatDiedOnAnotherMachineIsWaitedForAndNoLonger() throws {
      let first = try place.train("training.num_train_epochs=2")
      #expect(first.code == 0)
      let text = """
        {"process": 1, "host": "elsewhere", "since": "2026-01-01T00:00:00Z", "boot": "b", "start": "1", "beats": 3}
        """
      try place.write("run/.lock", text)
      let second = try place.train("training.num_train_epochs=3", "--resume")
      #expect(second.code == 0, "\(second.errors)")
      #expect(second.errors.contains("waiting to see whether its last run is still at work"))
    }

    @Test func aSweepIsLockedToo() throws {
      func sweep() throws -> RunningProgram {
        try Program.start(
          ["sweep", "config.json", "--vary", "training.seed=1,2", "--no-prune"]
            + Self.long.flatMap { ["--set", $0] }, in: place.path)
      }
      let first = try sweep()
      #expect(
        eventually { place.exists("run-sweep/.lock") && place.exists("run-sweep/sweep.json") })
      let second = try sweep().ending()
      #expect(
        second.code == 78 && second.errors.contains("another run is at work"), "\(second.errors)")
      kill(first.identifier, SIGTERM)
      #expect(try first.ending().code == 75)
    }
  }
}
