// Results are the same to the bit on every number of ranks that is allowed, dropout on.

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
      // A checkpoint's line comes when it is flushed, among whatever lines are written then.
      let checkpoints = try place.figures(runs[0], events: ["checkpoint"])
      let events = ["start", "train", "eval", "end"]
      let figures = try place.figures(runs[0], events: events)
      #expect(figures.count == 1 + 24 + 3 + 1 && checkpoints.count == 3)
      for run in runs.dropFirst() {
        #expect(try place.figures(run, events: events) == figures)
        #expect(try place.figures(run, events: ["checkpoint"]) == checkpoints)
        #expect(try place.products(run) == place.products(runs[0]))
      }
    }

    /// Evaluations and checkpoints at odd places read the whole table between steps
    /// that fetch rows.
    @Test func ofTheEmbeddingsOnlyRowsTravelWithTheSameResult() throws {
      let vocabulary = 20_000
      let unused = (0..<vocabulary - 5 - Workplace.words.count).map { "unused\($0)" }
      try place.write(
        "vocab.txt", try place.text("vocab.txt") + unused.joined(separator: "\n") + "\n")
      var figures: [[String]] = []
      var products: [[Data]] = []
      for ranks in [0, 2, 4] {
        let ending = try place.train(
          "output_dir=run-\(ranks)", "model.config.vocab_size=\(vocabulary)",
          "training.num_train_epochs=2", "evaluation.eval_strategy=steps",
          "evaluation.eval_steps=3", "checkpointing.save_strategy=steps",
          "checkpointing.save_steps=5", ranks: ranks)
        #expect(ending.code == 0, "\(ending.errors)")
        figures.append(try place.figures("run-\(ranks)"))
        products.append(try place.products("run-\(ranks)"))
        let sent = try place.events("train", "run-\(ranks)").compactMap {
          $0["bytes_sent_per_step"] as? Int
        }
        #expect(sent.count == 16)
        // A rank's share of the table alone, were all of it sent: 20,000 × 32 floats
        // over the ranks.
        let ofTable = vocabulary * 32 * 4 / max(ranks, 1)
        #expect(sent.allSatisfy { $0 < ofTable / 2 }, "\(sent)")
        #expect(ranks == 0 || sent.allSatisfy { $0 > 0 }, "\(sent)")
      }
      #expect(figures[1] == figures[0] && figures[2] == figures[0])
      #expect(products[1] == products[0] && products[2] == products[0])
    }

    /// Three, six and twelve cores are as common as four.
    @Test(arguments: [[], [Workplace.tfidf], [Workplace.linear]])
    func threeAndSixRanksGiveTheBitsOfOne(model: [String]) throws {
      for (run, ranks) in [("run-1", 0), ("run-3", 3), ("run-6", 6)] {
        let ending = try place.start(
          ["output_dir=\(run)", "training.microbatches=12", "training.num_train_epochs=2"] + model,
          ranks: ranks
        ).ending()
        #expect(ending.code == 0, "\(ending.errors)")
        #expect(try place.figures(run) == place.figures("run-1"), "\(run)")
        #expect(try place.products(run) == place.products("run-1"), "\(run)")
      }
      #expect(try place.figures("run-1").count > 10)
    }

    @Test func ranksThatWouldChangeTheBitsAreRefused() throws {
      let ending = try place.train("training.microbatches=12", ranks: 4)
      #expect(ending.code == 78 && ending.messages.count == 1, "\(ending.errors)")
      #expect(
        ending.errors.contains("start 1, 3, 6 or 12 ranks, or set training.microbatches to 16"))
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
