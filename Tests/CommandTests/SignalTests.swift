// Signals while matrix products run, with layers large enough for oneDNN's kernels that use the
// stack pointer as a pointer into the heap (docs/explanation/workarounds.md). Small layers do not show it.

import Foundation
import Testing

extension WholeProgram {
  @Suite(.enabled(if: Program.mpirun != nil, "mpirun is not installed")) struct SignalTests {
    let place: Workplace

    /// A kind of run: what it trains, and on what.
    enum Kind: String, CaseIterable {
      case fp32, bf16, openBLAS, frozen, words, linear

      var options: [String] {
        switch self {
        case .fp32, .openBLAS: []
        case .bf16: ["training.precision=bf16"]
        case .frozen: ["training.freeze_encoder=true"]
        case .words: [Workplace.tfidf]
        case .linear:
          [Workplace.linear, "training.num_train_epochs=300", "checkpointing.save_strategy=epoch"]
        }
      }

      /// What the environment needs besides.
      var environment: String { self == .openBLAS ? "export DNNL_MAX_CPU_ISA=SSE41; " : "" }
    }

    /// Has data of long rows and a configuration with layers as MiniLM's.
    init() throws {
      place = try Workplace()
      for (name, count, seed) in [("train", 120, 1), ("valid", 60, 2), ("test", 60, 3)] {
        let rows = Workplace.rows(count, seed: UInt64(seed)).enumerated().map { index, row in
          var row = row
          row.text += String(repeating: " " + row.text, count: 1 + index % 4)
          return row
        }
        try place.write("\(name).jsonl", Workplace.lines(rows))
      }
      var configuration = try place.json("config.json")
      var model = try #require(configuration["model"] as? [String: Any])
      model["config"] = [
        "vocab_size": 5 + Workplace.words.count, "hidden_size": 384, "num_hidden_layers": 2,
        "num_attention_heads": 12, "intermediate_size": 1536, "max_position_embeddings": 64,
      ]
      model["max_length"] = 64
      configuration["model"] = model
      try place.write(
        "config.json",
        String(decoding: JSONSerialization.data(withJSONObject: configuration), as: UTF8.self))
    }

    private let few = [
      "training.num_train_epochs=3", "training.learning_rate=1e-4", "evaluation.eval_steps=7",
      "evaluation.eval_strategy=steps",
    ]

    /// A timer of the process, as a profiler has one, whose signal has a handler.
    private func prelude(_ kind: Kind, timer: Bool) -> String {
      var prelude = "\(kind.environment)echo $$ > rank-${OMPI_COMM_WORLD_RANK:-0}"
      if timer, Fault.areAvailable { prelude += "; " + Fault.prelude([], timer: 700) }
      return prelude
    }

    private func start(_ kind: Kind, ranks: Int, timer: Bool, _ options: String...) throws
      -> RunningProgram
    {
      place.forgetIdentifiers()
      return try place.start(
        few + kind.options + options, ranks: ranks, prelude: prelude(kind, timer: timer))
    }

    /// Sends signals that change nothing, then one that asks the run to end.
    private func storm(_ processes: [Int32], _ last: Int32, _ random: inout Numbers) {
      for _ in 0..<60 {
        let number = [SIGCHLD, SIGWINCH, SIGURG].randomElement(using: &random)!
        kill(processes.randomElement(using: &random)!, number)
        usleep(UInt32.random(in: 0...2_000, using: &random))
      }
      kill(processes.randomElement(using: &random)!, last)
    }

    /// On one rank or two, and stopped by each signal that asks a run to end.
    @Test(arguments: [
      (Kind.fp32, 1, [SIGUSR1, SIGINT]), (.fp32, 2, [SIGTERM, SIGUSR2]), (.bf16, 2, [SIGUSR1]),
      (.openBLAS, 1, [SIGTERM]), (.frozen, 1, [SIGUSR2]), (.words, 2, [SIGINT]),
      (.linear, 2, [SIGUSR1, SIGTERM]),
    ])
    func signalsChangeNoBit(kind: Kind, ranks: Int, stopping: [Int32]) throws {
      let whole = try start(kind, ranks: ranks, timer: false, "output_dir=whole").ending()
      #expect(whole.code == 0, "\(whole.errors)")
      var random = Numbers(state: UInt64(ranks))
      for last in stopping {
        let program = try start(kind, ranks: ranks, timer: true, "--resume")
        let done = place.stepsLogged()
        #expect(
          eventually { !program.isRunning || place.stepsLogged() >= done + 2 })
        if let processes = place.identifiers(ranks), program.isRunning {
          storm(processes, last, &random)
        }
        let ending = try program.ending()
        #expect(ending.code == 75, "\(ending.code): \(ending.errors)")
      }
      let ending = try start(kind, ranks: ranks, timer: true, "--resume").ending()
      #expect(ending.code == 0, "\(ending.errors)")
      #expect(try place.figures() == place.figures("whole"))
      #expect(try place.products() == place.products("whole"))
    }

    @Test(.enabled(if: Fault.areAvailable, "no library that fails calls"))
    func aTimerChangesNoPrediction() throws {
      #expect(try start(.fp32, ranks: 0, timer: false).ending().code == 0)
      func outputs(_ prelude: String?) throws -> [Data] {
        let model = ["--model", "run/best"]
        let predicted = try Program.run(
          ["predict"] + model + ["--input", "test.jsonl", "--output", "p.jsonl"], in: place.path,
          prelude: prelude)
        let evaluated = try Program.run(
          ["evaluate"] + model + ["--data", "test.jsonl", "--output", "e.json"], in: place.path,
          prelude: prelude)
        #expect(
          predicted.code == 0 && evaluated.code == 0, "\(predicted.errors + evaluated.errors)")
        #expect(prelude == nil || predicted.errors.contains("timer: "))
        return [try place.bytes("p.jsonl"), try place.bytes("e.json")]
      }
      #expect(try outputs(nil) == outputs(Fault.prelude([], timer: 700)))
    }

    @Test func aSweepUnderSignalsGoesOnWithTheSameBits() throws {
      let vary = ["--vary", "training.weight_decay=0,0.1"]
      func start(_ output: String, timer: Bool) throws -> RunningProgram {
        place.forgetIdentifiers()
        return try Program.start(
          ["sweep", "config.json", "--output", output] + few.flatMap { ["--set", $0] } + vary,
          in: place.path, prelude: prelude(.fp32, timer: timer))
      }
      let whole = try start("whole", timer: false).ending()
      #expect(whole.code == 0, "\(whole.errors)")
      let program = try start("sweep", timer: true)
      let second = "002-weight_decay-0.1"
      #expect(eventually(limit: 60) { place.stepsLogged("sweep/\(second)") >= 3 })
      var random = Numbers(state: 7)
      storm(try #require(place.identifiers(1)), SIGUSR2, &random)
      #expect(try program.ending().code == 75)
      #expect(try start("sweep", timer: true).ending().code == 0)
      for variant in ["001-weight_decay-0", second] {
        #expect(
          try place.products("sweep/\(variant)") == place.products("whole/\(variant)"))
      }
    }

    /// The signals that each thread of a process blocks, signal n as bit n − 1.
    private func masks(of process: Int32) -> [UInt64] {
      let tasks = "/proc/\(process)/task"
      return ((try? FileManager.default.contentsOfDirectory(atPath: tasks)) ?? []).compactMap {
        let status = try? String(contentsOfFile: "\(tasks)/\($0)/status", encoding: .utf8)
        let line = status?.split(separator: "\n").first { $0.hasPrefix("SigBlk:") }
        return line.flatMap { UInt64($0.dropFirst(8), radix: 16) }
      }
    }

    @Test func aThreadThatComputesSeesNoSignal() throws {
      // OpenBLAS starts threads of its own before the program begins, if it may.
      let program = try place.start(
        ["training.num_train_epochs=10000"],
        prelude: "export OPENBLAS_NUM_THREADS=2; echo $$ > rank-0")
      #expect(eventually { place.stepsLogged() >= 2 })
      let process = try #require(place.identifiers(1)?[0])
      let masks = masks(of: process)
      let asked = [SIGHUP, SIGINT, SIGUSR1, SIGUSR2, SIGALRM, SIGTERM, SIGCHLD, SIGPROF]
        .reduce(UInt64(0)) { $0 | 1 << (UInt64($1) - 1) }
      #expect(masks.count > 1)
      // The one that takes signals has them unblocked while it waits.
      #expect(masks.count { $0 & asked != asked } == 1)
      kill(process, SIGUSR1)
      #expect(try program.ending().code == 75)
    }

    /// What a fault does, too, which stops no other thread first.
    @Test(arguments: [SIGQUIT, SIGABRT, SIGSEGV, SIGILL], [0, 2])
    func aFaultEndsTheProgramAtOnce(signal: Int32, ranks: Int) throws {
      let program = try start(
        .linear, ranks: ranks, timer: false, "training.num_train_epochs=100000")
      #expect(eventually { place.stepsLogged() >= 10 })
      kill(try #require(place.identifiers(max(ranks, 1))?[0]), signal)
      let ending = try program.ending(limit: 20)
      #expect(ending.code != 0 && ending.code != 75)
    }

    @Test func aBackgroundJobIgnoresAnInterrupt() throws {
      let program = try place.start(
        ["training.num_train_epochs=10000"], prelude: "trap '' INT; echo $$ > rank-0")
      #expect(eventually { place.stepsLogged() >= 2 })
      let process = try #require(place.identifiers(1)?[0])
      kill(process, SIGINT)
      let steps = place.stepsLogged()
      #expect(eventually { place.stepsLogged() >= steps + 3 })
      kill(process, SIGTERM)
      #expect(try program.ending().code == 75)
    }

    /// A command that does not ask for a signal ends by it, unless its parent lets it
    /// ignore that one.
    @Test(arguments: [SIGHUP, SIGALRM, SIGTERM]) func anUnaskedSignalEndsTheProgram(
      signal: Int32
    ) throws {
      func ending(_ prelude: String) throws -> Ending {
        place.forgetIdentifiers()
        let program = try Program.start(
          ["tokenize", "--model", "."], in: place.path,
          prelude: "\(prelude)[ -p pipe ] || mkfifo pipe; exec 3<>pipe 0<&3; echo $$ > rank-0")
        #expect(eventually { place.identifiers(1) != nil })
        let process = try #require(place.identifiers(1)?[0])
        #expect(eventually { masks(of: process).count > 1 })
        kill(process, signal)
        usleep(200_000)
        if program.isRunning { kill(process, SIGKILL) }
        return try program.ending()
      }
      #expect(try ending("").code == signal)
      #expect(try ending("trap '' HUP ALRM TERM; ").code == SIGKILL)
    }
  }
}
