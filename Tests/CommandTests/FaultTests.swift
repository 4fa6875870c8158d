// Faults of the machine: a run goes on, or says in one line why it cannot.

import Foundation
import Testing

extension WholeProgram {
  @Suite(.enabled(if: Fault.areAvailable, "the library of faults is built on Linux only"))
  struct FaultTests {
    let place: Workplace
    /// Evaluations and checkpoints, not at the same steps but for the last.
    static let often = [
      "training.num_train_epochs=3", "evaluation.eval_strategy=steps", "evaluation.eval_steps=5",
      "checkpointing.save_strategy=steps", "checkpointing.save_steps=4",
      "early_stopping.metric_for_best_model=loss",
    ]
    /// Two ranks if there is an mpirun.
    let ranks = Program.mpirun == nil ? 0 : 2

    /// What the run leaves that nothing disturbs.
    private static let undisturbed = Result {
      let place = try Workplace()
      let ending = try place.start(often).ending()
      #expect(ending.code == 0, "\(ending.errors)")
      return (figures: try place.figures(), products: try place.products())
    }

    init() throws { place = try Workplace() }

    private func train(
      _ arguments: String..., ranks: Int = 0, faults: [Fault] = [], clockJumps: Bool = false
    ) throws -> Ending {
      let prelude = Fault.prelude(faults, clockJumps: clockJumps)
      return try place.start(Self.often + arguments, ranks: ranks, prelude: prelude).ending()
    }

    private func expectTheWholeRun() throws {
      let whole = try Self.undisturbed.get()
      #expect(try place.figures() == whole.figures)
      #expect(try place.products() == whole.products)
    }

    @Test func killedWhileItsBestModelIsInMemoryARunComesToTheSameEnd() throws {
      // The first best model gets its place and no later one, and the run dies with the
      // last in memory.
      let killed = try train(
        ranks: ranks,
        faults: [
          Fault("open", "run/.tmp-best/model.safetensors", from: 2, .error(EDQUOT)),
          Fault("rename", "run/results.json", .signal(.kill)),
        ])
      #expect(killed.code != 0 && !place.exists("run/results.json"))
      #expect(killed.errors.contains("the best model was not saved, the run goes on: run/"))
      // No checkpoint knows of a best model that is lost.
      #expect(place.exists("run/checkpoints/step-00000008"))
      #expect(!place.exists("run/checkpoints/step-00000012"))
      #expect(
        killed.errors.contains("the checkpoint was not saved, the run goes on: the best model"))
      let resumed = try train("--resume", ranks: ranks)
      #expect(resumed.code == 0, "\(resumed.errors)")
      try expectTheWholeRun()
    }

    /// Data and models are read as memory; what is gone of them would be a SIGBUS.
    @Test(arguments: ["train.jsonl", "test.jsonl"])
    func aFileThatBecomesShorterWhileItIsReadIsNamed(file: String) throws {
      let ending = try train(faults: [Fault("map", file, .shortensFile)])
      #expect(ending.code == 74 && ending.messages.count == 1, "\(ending.errors)")
      #expect(
        ending.errors.contains("\(file): the file became shorter while it was read"),
        "\(ending.errors)")
    }

    /// A linear model, and the linear part beside an encoder, are kept with their weights
    /// of all ranks.
    @Test(arguments: [Workplace.linear, Workplace.tfidf])
    func aBestModelInMemoryHasItsLinearPart(model: String) throws {
      let whole = try train(model, "output_dir=whole")
      #expect(whole.code == 0, "\(whole.errors)")
      let ending = try train(
        model, ranks: ranks,
        faults: [Fault("open", "run/.tmp-best/linear.safetensors", from: 2, .error(EDQUOT))])
      #expect(ending.code == 74 && ending.messages.count == 1, "\(ending.errors)")
      #expect(ending.errors.contains("the best model was not saved, the run goes on: run/"))
      #expect(try place.bytes("run/results.json") == place.bytes("whole/results.json"))
      #expect(!place.exists("run/checkpoints/step-00000024"))
      let resumed = try train(model, "--resume")
      #expect(resumed.code == 0, "\(resumed.errors)")
      #expect(try place.figures() == place.figures("whole"))
      #expect(try place.linearProducts() == place.linearProducts("whole"))
    }

    /// Each step of saving is a moment to die at.
    @Test(arguments: [
      ("open", "run/.tmp-best/model.safetensors"), ("rename", "run/.old-best"),
      ("rename", "run/best"),
      ("fsync", "checkpoints/.tmp-step-00000012/manifest"),
      ("rename", "checkpoints/step-00000012"), ("rename", "run/results.json"),
    ])
    func killedInTheMidstOfASaveARunGoesOnWithTheSameBits(call: String, path: String) throws {
      let first = path == "run/.tmp-best/model.safetensors" ? 2 : 1
      let killed = try train(faults: [Fault(call, path, from: first, .signal(.kill))])
      #expect(killed.code == SIGKILL && !place.exists("run/results.json"))
      let ending = try train("--resume")
      #expect(ending.code == 0, "\(ending.errors)")
      try expectTheWholeRun()
    }

    /// What becomes of `best/` while the run rests, and what then is said of it.
    @Test(arguments: [
      ("rm -r run/best", "run/best/manifest.json: cannot open"),
      (
        "printf x | dd of=run/best/model.safetensors bs=1 seek=5000 conv=notrunc status=none",
        "SHA-256"
      ),
    ])
    func aBestModelThatIsDamagedIsWrittenAnew(damage: String, said: String) throws {
      // The best model is that of the last step, for an average of the weights too.
      let options = ["training.ema_decay=0.9", "training.max_steps=20"]
      #expect(try place.start(Self.often + options).ending().code == 0)
      let (products, step) = (try place.products(), try place.json("run/results.json")["best_step"])
      #expect(step as? Int == 20)
      #expect(try Program.runOther(["/bin/sh", "-c", "cd \(place.path) && \(damage)"]).code == 0)
      let ending = try place.start(Self.often + options + ["--resume"], ranks: ranks).ending()
      #expect(ending.code == 0, "\(ending.errors)")
      #expect(ending.errors.contains("; best/ is written again from the checkpoint of step 20"))
      #expect(ending.errors.contains(said), "\(ending.errors)")
      #expect(try place.products() == products)
    }

    @Test func aBestModelThatIsLostIsSaidAtOnce() throws {
      #expect(try train("training.max_steps=18").code == 0)
      #expect(try place.json("run/results.json")["best_step"] as? Int == 18)
      for name in ["run/best", "run/checkpoints/step-00000018"] {
        try FileManager.default.removeItem(atPath: "\(place.path)/\(name)")
      }
      // The older checkpoint knows of the best model of step 15, which was replaced by that
      // of step 18.
      let ending = try train("training.max_steps=18", "--resume", ranks: ranks)
      #expect(ending.code == 66 && ending.messages.count == 1, "\(ending.errors)")
      #expect(ending.messages.first?.hasPrefix("the best model, of step 15, is lost: ") == true)
    }

    @Test(arguments: [EDQUOT, EIO])
    func aDiskThatRefusesEveryCheckpointCostsNothingElse(error: Int32) throws {
      let ending = try train(faults: [Fault("write", "checkpoints/", .error(error))])
      #expect(ending.code == 74 && ending.messages.count == 1, "\(ending.errors)")
      #expect(ending.messages.first?.contains(String(cString: strerror(error))) == true)
      #expect(ending.errors.contains("the checkpoint was not saved, the run goes on"))
      #expect(try place.events("save_failed").count == 6)
      try expectTheWholeRun()
    }

    @Test func aDiskThatIsFullForAWhileIsTriedAgain() throws {
      // The checkpoints of steps below 10 fail, no later ones.
      let ending = try train(
        ranks: ranks, faults: [Fault("fsync", ".tmp-step-0000000", .error(ENOSPC))])
      #expect(ending.code == 0, "\(ending.errors)")
      #expect(try place.events("save_failed").map { $0["step"] as? Int } == [4, 8])
      try expectTheWholeRun()
    }

    @Test func aLogThatCannotBeWrittenCostsNothingElse() throws {
      let ending = try train(
        faults: [
          Fault("open", "run/metrics.jsonl", after: "step-00000012/manifest", .error(EDQUOT))
        ])
      #expect(ending.code == 74 && ending.messages.count == 1, "\(ending.errors)")
      #expect(ending.messages.first?.hasPrefix("run/metrics.jsonl: cannot create: ") == true)
      #expect(ending.errors.contains("the line is kept for the next try"))
      #expect(try place.products() == Self.undisturbed.get().products)
      #expect(try train("--resume").code == 0)
      try expectTheWholeRun()
    }

    @Test func killedWhileItsLogIsInMemoryARunLosesNoLine() throws {
      let killed = try train(
        ranks: ranks,
        faults: [
          Fault("open", "run/metrics.jsonl", after: "step-00000012/manifest", .error(ENOSPC)),
          Fault("open", "checkpoints/.tmp-step-00000020/model", .signal(.kill)),
        ])
      #expect(killed.code != 0 && place.stepsLogged() < 20)
      #expect(try train("--resume", ranks: ranks).code == 0)
      try expectTheWholeRun()
    }

    @Test func aDirectoryThatCannotBeWrittenIsNamedBeforeTraining() throws {
      let ending = try train(ranks: ranks, faults: [Fault("open", "run/.tmp-probe", .error(EROFS))])
      #expect(ending.code == 74 && ending.messages.count == 1, "\(ending.errors)")
      #expect(ending.messages == ["run: cannot write into: Read-only file system"])
    }

    @Test func aCheckpointThatCannotBeReadIsPassedOver() throws {
      #expect(try train().code == 0)
      let ending = try train(
        "--resume", faults: [Fault("read", "/step-00000024/optimizer", .error(EIO))])
      #expect(ending.code == 0, "\(ending.errors)")
      #expect(ending.errors.contains("checkpoint step-00000024 is damaged and passed over"))
      #expect(ending.errors.contains(String(cString: strerror(EIO))))
      #expect(try place.events("resume").map { $0["step"] as? Int } == [20])
      try expectTheWholeRun()
    }

    @Test func withoutMemoryARunEndsWithOneLine() throws {
      let ending = try train(faults: [Fault("pages", from: 2, .error(ENOMEM))])
      #expect(ending.code == 71 && ending.messages.count == 1, "\(ending.errors)")
      #expect(ending.messages.first?.hasPrefix("out of memory: the system refused ") == true)
    }

    @Test func aClockThatJumpsChangesNothing() throws {
      let ending = try train(
        "checkpointing.save_minutes=1", "training.ddp_timeout=30", ranks: ranks, clockJumps: true)
      #expect(ending.code == 0, "\(ending.errors)")
      #expect(try place.events("checkpoint").count == 6)
      try expectTheWholeRun()
    }

    @Test func aSecondInterruptEndsAtOnce() throws {
      // The second one comes while the first has its checkpoint saved.
      let program = try place.start(
        ["training.num_train_epochs=1000", "checkpointing.save_strategy=no"],
        prelude: Fault.prelude([Fault("open", "checkpoints/.tmp-step-", .signal(.interrupt))]))
      #expect(eventually { place.stepsLogged() >= 10 })
      kill(program.identifier, SIGINT)
      let ending = try program.ending()
      #expect(ending.code == SIGINT && ending.messages.isEmpty, "\(ending.errors)")
      #expect(try place.files().filter { $0.hasPrefix("run/checkpoints/step-") }.isEmpty)
    }

    @Test func filesThatGoAfterTheStartAreNotMissed() throws {
      let inputs = [
        "train.jsonl", "valid.jsonl", "test.jsonl", "vocab.txt", "config.json", "cache",
      ]
      let program = try place.start(
        Self.often,
        prelude: Fault.prelude([Fault("open", "run/metrics.jsonl", from: 3, .signal(.stop))]))
      #expect(eventually { isStopped(program.identifier) })
      #expect(place.stepsLogged() == 1)
      for name in inputs { try FileManager.default.removeItem(atPath: "\(place.path)/\(name)") }
      kill(program.identifier, SIGCONT)
      let ending = try program.ending()
      #expect(ending.code == 0, "\(ending.errors)")
      try expectTheWholeRun()
    }

    private func isStopped(_ process: Int32) -> Bool {
      let state = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
      return state?.contains(") T ") == true
    }
  }
}
