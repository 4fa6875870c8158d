// A run with a linear part that was stopped or killed, and went on on other ranks, is the run
// that never was.

import Foundation
import Testing

extension WholeProgram {
  @Suite(.enabled(if: Program.mpirun != nil, "mpirun is not installed")) struct LinearResumeTests {
    let place: Workplace
    private let options = [
      Workplace.linear, "training.num_train_epochs=16", "checkpointing.save_strategy=epoch",
      "evaluation.eval_strategy=steps", "evaluation.eval_steps=50",
      "evaluation.confidence_intervals=false",
    ]

    init() throws {
      place = try Workplace()
      try place.useManyLabels()
    }

    private func trainWhole(_ options: [String]) throws {
      let ending = try place.start(["output_dir=whole"] + options).ending()
      #expect(ending.code == 0, "\(ending.errors)")
    }

    private func expectTheWholeRun() throws {
      #expect(try place.figures() == place.figures("whole"))
      #expect(try place.linearProducts() == place.linearProducts("whole"))
    }

    @Test func killedAtAnyMomentARunGoesOnWithTheSameBits() throws {
      try trainWhole(options)
      let total = place.stepsLogged("whole")
      for (ranks, steps) in [(2, 1), (4, 70), (1, 160)] {
        place.forgetIdentifiers()
        let program = try place.start(
          ["--resume"] + options, ranks: ranks, prelude: Workplace.tellingIdentifiers)
        #expect(eventually { place.identifiers(ranks) != nil && place.stepsLogged() >= steps })
        for identifier in place.identifiers(ranks) ?? [] { kill(identifier, SIGKILL) }
        #expect(try program.ending().code != 0, "the run was killed before its end")
        #expect((steps..<total).contains(place.stepsLogged()))
      }
      let ending = try place.start(["--resume"] + options, ranks: 2).ending()
      #expect(ending.code == 0, "\(ending.errors)")
      #expect(try place.events("resume").count >= 2)
      try expectTheWholeRun()
    }

    @Test(arguments: [(2, 4), (4, 0)])
    func aStoppedRunGoesOnWithOtherRanks(first: Int, second: Int) throws {
      // A rate and regularization with which the scale is multiplied into the weights now and then.
      let options =
        options + ["model.linear.l2=0.02", "model.linear.learning_rate=20", "loss.type=bce"]
      try trainWhole(options)
      let program = try place.start(options, ranks: first)
      #expect(eventually { place.stepsLogged() >= 60 })
      kill(program.identifier, SIGUSR1)
      let stopped = try program.ending()
      #expect(stopped.code == 75 && stopped.messages.count == 1, "\(stopped.errors)")
      let done = place.stepsLogged()
      #expect(done < place.stepsLogged("whole"), "the run was stopped before its end")
      let ending = try place.start(["--resume"] + options, ranks: second).ending()
      #expect(ending.code == 0, "\(ending.errors)")
      #expect(try place.events("resume").map { $0["step"] as? Int } == [done])
      try expectTheWholeRun()
    }

    @Test func aDamagedCheckpointIsPassedOver() throws {
      let short = options + ["training.max_steps=100"]
      #expect(try place.start(short).ending().code == 0)
      try place.write("run/checkpoints/step-00000100/linear.safetensors", "damaged")
      let ending = try place.start(["--resume"] + short).ending()
      #expect(ending.code == 0, "\(ending.errors)")
      #expect(ending.errors.contains("checkpoint step-00000100 is damaged and passed over"))
      #expect(try place.events("resume").map { $0["step"] as? Int } == [95])
    }

    @Test func otherFeaturesOrWeightsCannotBeResumed() throws {
      let short = options + ["training.max_steps=50"]
      #expect(try place.start(short).ending().code == 0)
      for change in [
        "model.linear.min_df=3", "model.linear.l2=1e-7", "model.linear.learning_rate=2",
        "model.linear.weight_cutoff=0.1", "model.linear.char_ngrams=[3, 4]",
      ] {
        let ending = try place.start(["--resume"] + short + [change]).ending()
        #expect(ending.code == 78 && ending.messages.count == 1, "\(ending.errors)")
        #expect(ending.errors.contains(String(change.prefix { $0 != "=" })), "\(ending.errors)")
      }
      try place.write("train.jsonl", Workplace.lines(Workplace.rows(600, seed: 9)))
      let data = try place.start(["--resume"] + short).ending()
      #expect(data.code == 78 && data.errors.contains("the data"), "\(data.errors)")
    }
  }
}
