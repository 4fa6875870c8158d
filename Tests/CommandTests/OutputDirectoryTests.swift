// What a run writes, and what it leaves alone.

import Foundation
import Testing

extension WholeProgram {
  @Suite struct OutputDirectoryTests {
    let place: Workplace

    init() throws { place = try Workplace() }
    let short = "training.max_steps=4"

    @Test func aDryRunPrintsThePlanAndWritesNothing() throws {
      let before = try place.files()
      let ending = try place.train("--dry-run", ranks: Program.mpirun == nil ? 0 : 2)
      #expect(ending.code == 0 && ending.errors.isEmpty, "\(ending.errors)")
      #expect(try place.files().filter { !$0.hasPrefix("cache") } == before)
      for part in [
        "2 layers × 32, mean pooling", "labels: 12", "training: 120 rows", "validation: 40 rows",
        "test: 30 rows", "steps: 120 of 16 rows in 4 microbatches, 8 an epoch", "ranks: ",
        "pos_weight min 1",
      ] {
        #expect(ending.output.components(separatedBy: part).count == 2, "\(part)")
      }
    }

    @Test func aDirectoryThatHoldsARunIsRefusedByBothFlagsNames() throws {
      #expect(try place.train(short).code == 0)
      let before = try place.products()
      let ending = try place.train(short, ranks: Program.mpirun == nil ? 0 : 2)
      #expect(ending.code == 78 && ending.messages.count == 1)
      #expect(ending.messages.first?.hasPrefix("run already holds a run") == true)
      #expect(ending.errors.contains("--resume") && ending.errors.contains("--overwrite"))
      #expect(try place.products() == before)
    }

    @Test func overwriteReplacesTheRunAndLeavesForeignFiles() throws {
      #expect(try place.train(short, "checkpointing.save_total_limit=null").code == 0)
      let foreign = [
        "run/notes.txt", "run/checkpoints/notes.txt", "run/checkpoints/step-00000004/notes.txt",
      ]
      for name in foreign { try place.write(name, "mine") }
      let ending = try place.train("training.max_steps=2", "--overwrite")
      #expect(ending.code == 0, "\(ending.errors)")
      for name in foreign { #expect(try place.text(name) == "mine") }
      #expect(place.stepsLogged() == 2)
      #expect(try place.json("run/results.json")["last_step"] as? Int == 2)
      #expect(!place.exists("run/checkpoints/step-00000004/model.safetensors"))
    }

    @Test func aForeignFileInTheBestModelStopsOverwritingBeforeAnythingIsRemoved() throws {
      #expect(try place.train(short).code == 0)
      try place.write("run/best/notes.txt", "mine")
      let before = try place.files()
      let ending = try place.train(short, "--overwrite")
      #expect(ending.code == 78 && ending.messages.count == 1)
      #expect(ending.errors.contains("run/best/notes.txt"))
      #expect(try place.files() == before)
    }

    @Test func aDirectoryOfAModelIsNeverOverwritten() throws {
      #expect(try place.train(short).code == 0)
      for flag in ["--overwrite", "--resume"] {
        let ending = try place.train(short, flag, "output_dir=run/best")
        #expect(ending.code == 78 && ending.messages.count == 1, "\(ending.errors)")
      }
      #expect(try place.run("evaluate", "--model", "run/best", "--data", "valid.jsonl").code == 0)
    }

    @Test func resumeWithNothingToResumeStartsFresh() throws {
      #expect(try place.train(short, "--resume").code == 0)
      #expect(try place.train(short, "output_dir=other").code == 0)
      #expect(try place.figures() == place.figures("other"))
      #expect(try place.products() == place.products("other"))
    }

    @Test func theResolvedConfigurationTrainsToTheSameResult() throws {
      #expect(try place.train(short, "training.seed=7", "model.hidden_dropout_prob=0.2").code == 0)
      let resolved = try place.json("run/config.json")
      #expect((resolved["training"] as? [String: Any])?["seed"] as? Int == 7)
      #expect((resolved["training"] as? [String: Any])?["weight_decay"] as? Double == 0.01)
      let ending = try place.run("train", "run/config.json", "--set", "output_dir=again")
      #expect(ending.code == 0, "\(ending.errors)")
      #expect(try place.figures() == place.figures("again"))
      #expect(try place.products() == place.products("again"))
    }

    @Test func theLogTellsWhatTheInterfacePromises() throws {
      #expect(try place.train("training.num_train_epochs=1", "training.logging_steps=3").code == 0)
      let train = try place.events("train")
      #expect(train.map { $0["step"] as? Int } == [3, 6, 8])
      for key in [
        "epoch", "loss", "learning_rate", "classifier_learning_rate", "grad_norm",
        "tokens_per_second",
      ] {
        #expect(train.allSatisfy { $0[key] is Double || $0[key] is Int }, "\(key)")
      }
      let evaluation = try #require(try place.events("eval").first)
      for key in [
        "eval_loss", "eval_micro_f1", "eval_macro_f1", "eval_samples_f1", "eval_precision_at_1",
        "eval_ndcg_at_5", "eval_micro_f1_global", "eval_subset_accuracy", "eval_hamming_accuracy",
      ] {
        #expect(evaluation[key] != nil, "\(key)")
      }
      for part in ["validation", "test"] {
        for name in ["loss", "micro_f1", "micro_f1_global", "micro_f1_per_label"] {
          #expect(try place.result(name, of: part) >= 0)
        }
      }
    }
  }
}
