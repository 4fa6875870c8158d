// Results are the same to the bit on any number of ranks, dropout on.

import Foundation
import Testing

extension WholeProgram {
  @Suite(.enabled(if: Program.mpirun != nil, "mpirun is not installed")) struct RankTests {
    let place: Workplace

    init() throws { place = try Workplace() }

    @Test(arguments: [4, 8]) func ranksDoNotChangeTheResult(microbatches: Int) throws {
      var runs: [String] = []
      for ranks in [0, 1, 2, 4] {
        runs.append("run-\(microbatches)-\(ranks)")
        let ending = try place.train(
          "output_dir=\(runs.last!)", "training.microbatches=\(microbatches)",
          "training.num_train_epochs=3", "loss.pos_weight=sqrt_neg_pos", ranks: ranks)
        #expect(ending.code == 0, "\(ending.errors)")
      }
      let events = ["start", "train", "eval", "checkpoint", "end"]
      let figures = try place.figures(runs[0], events: events)
      #expect(figures.count == 1 + 24 + 3 + 3 + 1)
      for run in runs.dropFirst() {
        #expect(try place.figures(run, events: events) == figures)
        #expect(try place.products(run) == place.products(runs[0]))
      }
    }

    @Test func threeRanksGiveTheSameTwice() throws {
      for run in ["run-a", "run-b"] {
        let ending = try place.train(
          "output_dir=\(run)", "training.microbatches=3", "training.num_train_epochs=2", ranks: 3)
        #expect(ending.code == 0, "\(ending.errors)")
      }
      #expect(try place.figures("run-a").count == 18)
      #expect(try place.figures("run-a") == place.figures("run-b"))
      #expect(try place.products("run-a") == place.products("run-b"))
    }

    @Test func theSeedChangesTheResult() throws {
      for seed in ["1", "2"] {
        let ending = try place.train(
          "output_dir=run-\(seed)", "training.seed=\(seed)", "training.num_train_epochs=1")
        #expect(ending.code == 0, "\(ending.errors)")
      }
      #expect(try place.figures("run-1") != place.figures("run-2"))
    }

    @Test func dropoutChangesTheResult() throws {
      let off = ["model.hidden_dropout_prob=0", "model.attention_probs_dropout_prob=0"]
      for (run, options) in [("on", []), ("off", off)] {
        let ending = try place.start(
          ["output_dir=run-\(run)", "training.num_train_epochs=1"] + options
        ).ending()
        #expect(ending.code == 0, "\(ending.errors)")
      }
      #expect(try place.figures("run-on") != place.figures("run-off"))
    }
  }
}
