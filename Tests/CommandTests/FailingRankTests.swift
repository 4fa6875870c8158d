// One rank that fails alone ends all ranks, with its message once. That it doesn't take the half
// hour of the default `ddp_timeout`, the limit of `RunningProgram.ending` shows.

import Foundation
import Testing

extension WholeProgram {
  @Suite(.enabled(if: Program.mpirun != nil, "mpirun is not installed")) struct FailingRankTests {
    let place: Workplace

    init() throws { place = try Workplace() }

    /// Each rank works in a directory of its own, as on machines that share no file system.
    private func separate(_ ranks: Int) throws -> String {
      for rank in 0..<ranks {
        let directory = "\(place.path)/machine-\(rank)"
        try FileManager.default.createDirectory(
          atPath: directory, withIntermediateDirectories: true)
        for name in ["train.jsonl", "valid.jsonl", "test.jsonl", "vocab.txt", "config.json"] {
          try FileManager.default.copyItem(
            atPath: "\(place.path)/\(name)", toPath: "\(directory)/\(name)")
        }
      }
      return "cd machine-$OMPI_COMM_WORLD_RANK"
    }

    private func expect(_ ending: Ending, _ code: Int32, _ parts: String...) {
      #expect(ending.code == code, "\(ending.errors)")
      #expect(ending.messages.count == 1, "\(ending.errors)")
      for part in parts { #expect(ending.messages.first?.contains(part) == true) }
    }

    /// Starts four ranks that train until something ends them, and returns their processes.
    private func trainWithoutEnd(_ options: String..., prelude: String = "") throws
      -> (RunningProgram, ranks: [Int32])
    {
      let program = try place.start(
        ["training.num_train_epochs=100000"] + options, ranks: 4,
        prelude: Workplace.tellingIdentifiers + prelude)
      #expect(eventually { place.stepsLogged() >= 3 })
      return (program, try #require(place.identifiers(4)))
    }

    /// Stops ranks for some seconds, after which the run must go on until it is asked to end.
    private func suspend(_ ranks: [Int32], for seconds: Double, of program: RunningProgram) throws {
      for rank in ranks { kill(rank, SIGSTOP) }
      Thread.sleep(forTimeInterval: seconds)
      let steps = place.stepsLogged()
      for rank in ranks { kill(rank, SIGCONT) }
      #expect(eventually { place.stepsLogged() > steps + 3 || !program.isRunning })
      kill(program.identifier, SIGUSR1)
      let ending = try program.ending()
      #expect(ending.code == 75, "\(ending.errors)")
    }

    @Test func aFileThatOneRankLacksIsNamedWithTheRank() throws {
      let separate = try separate(3)
      try FileManager.default.removeItem(atPath: "\(place.path)/machine-2/valid.jsonl")
      let ending = try place.train("training.microbatches=3", ranks: 3, prelude: separate)
      expect(ending, 66, "rank 2: ", "data.validation: valid.jsonl: no such file")
    }

    @Test func aFileThatDiffersBetweenRanksIsNamedWithTheRank() throws {
      let separate = try separate(2)
      try place.write("machine-1/train.jsonl", Workplace.lines(Workplace.rows(90, seed: 1)))
      let ending = try place.train(ranks: 2, prelude: separate)
      expect(ending, 65, "rank 1: train.jsonl: ", "rank 0")
    }

    @Test func anOutputDirectoryThatRanksDoNotShareIsSeenBeforeTraining() throws {
      let ending = try place.train(ranks: 2, prelude: try separate(2))
      expect(ending, 74, "rank 1: run is not to be seen on ", "share")
      #expect(!ending.errors.contains("step "))
    }

    @Test func aRankWithOtherLibrariesIsRefused() throws {
      // Without AVX-512 oneDNN leaves the products to OpenBLAS.
      let libraries = "DNNL_MAX_CPU_ISA=SSE41 OPENBLAS_CORETYPE=Prescott"
      let other = "if [ $OMPI_COMM_WORLD_RANK = 1 ]; then export \(libraries); fi"
      let ending = try place.train(ranks: 2, prelude: other)
      expect(
        ending, 71, "rank 1 differs from rank 0 in what multiplies in fp32: ", "OPENBLAS_CORETYPE")
    }

    @Test func aRankWithOtherThreadsIsRefused() throws {
      let other = "if [ $OMPI_COMM_WORLD_RANK = 1 ]; then export OPENBLAS_NUM_THREADS=2; fi"
      let ending = try place.train(ranks: 2, prelude: other)
      expect(ending, 71, "rank 1 differs from rank 0 in the threads of a product: 2, and rank 0 1")
    }

    @Test func aRankWithAnotherProgramIsRefused() throws {
      // One byte more at its end leaves the program as it is.
      let copy = "\(place.path)/other"
      try (Data(contentsOf: URL(fileURLWithPath: Program.path)) + [0])
        .write(to: URL(fileURLWithPath: copy))
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: copy)
      let ending = try place.train(
        ranks: 2, prelude: "if [ $OMPI_COMM_WORLD_RANK = 1 ]; then exec ./other config.json; fi")
      expect(ending, 71, "rank 1 differs from rank 0 in the program's file (SHA-256): ")
    }

    @Test(arguments: [1, 3]) func aRankThatIsStoppedIsNamed(stopped: Int) throws {
      let (program, ranks) = try trainWithoutEnd("training.ddp_timeout=2")
      kill(ranks[stopped], SIGSTOP)
      let ending = try program.ending()
      expect(
        ending, 71, "rank 0: rank \(stopped) (process \(ranks[stopped]) on ",
        "gave no sign of life for 2 s", "in step ", "training.ddp_timeout")
      #expect(eventually { ranks.allSatisfy { kill($0, 0) != 0 } })
    }

    /// The others ask after 4 seconds, and wait as long for the answer.
    @Test func aRankThatIsOnlySlowIsWaitedFor() throws {
      let (program, ranks) = try trainWithoutEnd("training.ddp_timeout=4")
      try suspend([ranks[0]], for: 5.5, of: program)
    }

    /// As a laptop that sleeps, a frozen container or Ctrl-Z do it.
    @Test func ranksThatWereAllSuspendedGoOn() throws {
      let (program, ranks) = try trainWithoutEnd("training.ddp_timeout=2")
      try suspend(ranks, for: 4.5, of: program)
    }

    /// Expects that all end with one message, that the ranks have died, after these were killed.
    private func expectEnd(
      of program: RunningProgram, _ ranks: [Int32], killing killed: [Int]
    ) throws {
      for rank in killed { kill(ranks[rank], SIGKILL) }
      let ending = try program.ending(limit: 20)
      #expect(ending.code == 137, "\(ending.errors)")
      #expect(ending.messages.count == 1, "\(ending.errors)")
      for rank in killed {
        let died = "rank \(rank) (process \(ranks[rank]) on "
        #expect(ending.messages.first?.contains(died) == true, "\(ending.errors)")
      }
      // A process that is gone takes no signal, not even 0.
      #expect(eventually { ranks.allSatisfy { kill($0, 0) != 0 } })
    }

    @Test func whenOneRankIsKilledAllEnd() throws {
      let (program, ranks) = try trainWithoutEnd()
      try expectEnd(of: program, ranks, killing: [2])
    }

    /// Ranks 2 and 3 have another host name, as on a second machine.
    @Test(
      .enabled(if: geteuid() == 0, "only root can give a process another host name"),
      arguments: [[0], [1], [3], [2, 3]])
    func ranksThatDieOnAnotherMachineAreNamed(killed: [Int]) throws {
      let other = """

        if [ $OMPI_COMM_WORLD_RANK -ge 2 ]; then
          exec unshare --uts sh -c 'hostname other-machine; exec "$@"' sh "$@"
        fi
        """
      let (program, ranks) = try trainWithoutEnd(prelude: other)
      try expectEnd(of: program, ranks, killing: killed)
    }
  }
}
