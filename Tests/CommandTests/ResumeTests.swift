// A run that was stopped or killed, and went on, is the run that never was.

import Foundation
import Testing

extension WholeProgram {
  @Suite(.enabled(if: Program.mpirun != nil, "mpirun is not installed")) struct ResumeTests {
    let place: Workplace
    /// Rare evaluations and frequent checkpoints, not at the same steps.
    let often = [
      "training.num_train_epochs=16", "evaluation.eval_strategy=steps", "evaluation.eval_steps=15",
      "checkpointing.save_strategy=steps", "checkpointing.save_steps=9",
    ]
    let steps = 128

    /// Has the run that nothing stops in `whole`.
    init() throws {
      place = try Workplace()
      let ending = try place.start(["output_dir=whole"] + often).ending()
      #expect(ending.code == 0, "\(ending.errors)")
    }

    @Test(arguments: [(2, 4), (4, 1)])
    func resumingOnOtherRankCountsGivesTheSameBits(first: Int, second: Int) throws {
      let program = try place.start(often, ranks: first)
      #expect(eventually { place.stepsLogged() >= 20 })
      kill(program.identifier, SIGUSR1)
      let stopped = try program.ending()
      #expect(stopped.code == 75)
      #expect(stopped.messages.count == 1 && stopped.errors.contains("go on with --resume"))
      let done = place.stepsLogged()
      #expect((20..<steps).contains(done), "the run was stopped before its end")
      #expect(!place.exists("run/results.json"))

      let resumed = try place.start(["--resume"] + often, ranks: second).ending()
      #expect(resumed.code == 0, "\(resumed.errors)")
      #expect(try place.events("resume").map { $0["step"] as? Int } == [done])
      try expectTheWholeRun()
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func aSignalSavesACheckpointAndEndsWith75(signal: Int32) throws {
      let program = try place.start(often)
      #expect(eventually { place.stepsLogged() >= 10 })
      kill(program.identifier, signal)
      let stopped = try program.ending()
      #expect(stopped.code == 75 && stopped.messages.count == 1)
      let checkpoint = String(format: "run/checkpoints/step-%08d", place.stepsLogged())
      #expect(place.exists("\(checkpoint)/training_state.json"))
      #expect(try place.start(["--resume"] + often).ending().code == 0)
      try expectTheWholeRun()
    }

    @Test func killedAtAnyMomentARunGoesOnWithTheSameBits() throws {
      var reached = 0
      for (ranks, steps) in [(2, 1), (4, 12), (1, 25), (2, 50), (4, 90)] {
        place.forgetIdentifiers()
        let program = try place.start(
          ["--resume"] + often, ranks: ranks, prelude: Workplace.tellingIdentifiers)
        #expect(eventually { place.identifiers(ranks) != nil && place.stepsLogged() >= steps })
        for identifier in place.identifiers(ranks) ?? [] { kill(identifier, SIGKILL) }
        let ending = try program.ending()
        #expect(ending.code != 0, "the run was killed before its end")
        #expect(place.stepsLogged() >= reached)
        // The newest checkpoint may not have been complete.
        reached = max(0, place.stepsLogged() / 9 * 9 - 9)
      }
      let ending = try place.start(["--resume"] + often, ranks: 2).ending()
      #expect(ending.code == 0, "\(ending.errors)")
      try expectTheWholeRun()
    }

    @Test func aDamagedCheckpointIsPassedOver() throws {
      #expect(try place.start(["training.max_steps=40"] + often).ending().code == 0)
      try place.write("run/checkpoints/step-00000040/optimizer-0-of-1.safetensors", "damaged")
      let ending = try place.start(["--resume", "training.max_steps=40"] + often).ending()
      #expect(ending.code == 0)
      #expect(ending.errors.contains("checkpoint step-00000040 is damaged and passed over"))
      #expect(try place.events("resume").map { $0["step"] as? Int } == [36])
    }

    @Test func aRunThatIsDoneIsOnlyEvaluatedAgain() throws {
      let (figures, products) = (try place.figures("whole"), try place.products("whole"))
      let ending = try place.start(["--resume", "output_dir=whole"] + often, ranks: 2).ending()
      #expect(ending.code == 0, "\(ending.errors)")
      #expect(try place.figures("whole") == figures)
      #expect(try place.products("whole") == products)
      #expect(try place.events("end", "whole").count == 1)
    }

    @Test func anotherConfigurationOrOtherDataCannotBeResumed() throws {
      let other = try place.start(
        ["--resume", "output_dir=whole", "training.learning_rate=1e-3"] + often
      ).ending()
      #expect(other.code == 78 && other.messages.count == 1)
      #expect(other.errors.contains("training.learning_rate"))
      #expect(other.errors.contains("--overwrite"))
      try place.write("train.jsonl", Workplace.lines(Workplace.rows(120, seed: 9)))
      let data = try place.start(["--resume", "output_dir=whole"] + often).ending()
      #expect(data.code == 78 && data.messages.count == 1)
      #expect(data.errors.contains("the data"))
    }

    private func expectTheWholeRun() throws {
      #expect(try place.figures() == place.figures("whole"))
      #expect(try place.products() == place.products("whole"))
    }
  }
}
