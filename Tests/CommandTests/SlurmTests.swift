// A Slurm job that is warned saves, and is queued again. Slurm's own commands are stand-ins;
// `launch/cluster-test` has the real ones.

import Foundation
import Testing

extension WholeProgram {
  @Suite(.enabled(if: Program.mpirun != nil, "mpirun is not installed")) struct SlurmTests {
    let place: Workplace

    init() throws {
      place = try Workplace()
      let mpirun = try #require(Program.mpirun)
      try FileManager.default.createDirectory(
        atPath: "\(place.path)/bin", withIntermediateDirectories: true)
      try stand("ddp-train", "\(Workplace.tellingIdentifiers)\nexec \(Program.path) \"$@\"")
      // Without Slurm, mpirun has to be told the number of ranks.
      try stand(
        "mpirun", "while [ \"$1\" != $DDP_TRAIN ]; do shift; done\nexec \(mpirun) -n 2 \"$@\"")
      try stand(
        "scontrol",
        """
        case $1 in
          show) echo "   JobState=$(cat state 2>/dev/null || echo RUNNING) Reason=None" ;;
          *) echo "$@" >> queued ;;
        esac
        """)
    }

    /// The program in a shell that tells each rank's process.
    private var program: String { "\(place.path)/bin/ddp-train" }

    private func stand(_ name: String, _ script: String) throws {
      try place.write("bin/\(name)", "#!/bin/sh\n\(script)\n")
      try FileManager.default.setAttributes(
        [.posixPermissions: 0o755], ofItemAtPath: "\(place.path)/bin/\(name)")
    }

    private func start(_ arguments: String...) throws -> RunningProgram {
      let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
      return try Program.startScript(
        "slurm.sbatch", ["config.json"] + arguments.flatMap { ["--set", $0] }, in: place.path,
        environment: [
          "PATH": "\(place.path)/bin:\(path)", "DDP_TRAIN": program, "SLURM_JOB_ID": "17",
        ])
    }

    @Test func aJobThatIsWarnedSavesAndIsQueuedAgain() throws {
      let program = try start("training.num_train_epochs=10000")
      #expect(eventually { place.stepsLogged() >= 5 })
      kill(program.identifier, SIGUSR1)
      let warned = try program.ending()
      #expect(warned.code == 0, "\(warned.errors)")
      #expect(try place.text("queued") == "requeue 17\n")
      let step = place.stepsLogged()
      #expect(place.exists(String(format: "run/checkpoints/step-%08d", step)))
      // The same line goes on, and a job that comes to its end is not queued again.
      let ending = try start("training.num_train_epochs=10000", "training.max_steps=\(step + 2)")
        .ending()
      #expect(ending.code == 0, "\(ending.errors)")
      #expect(try place.events("resume").map { $0["step"] as? Int } == [step])
      #expect(try place.text("queued") == "requeue 17\n")
    }

    @Test func aJobThatIsCancelledStaysCancelled() throws {
      let program = try start("training.num_train_epochs=10000")
      #expect(eventually { place.stepsLogged() >= 5 })
      try place.write("state", "CANCELLED")
      kill(program.identifier, SIGTERM)
      let ending = try program.ending()
      #expect(ending.code == 75, "\(ending.errors)")
      #expect(!place.exists("queued") && place.exists("run/checkpoints"))
    }

    @Test func aJobThatLosesARankIsQueuedAgain() throws {
      let program = try start("training.num_train_epochs=10000", "checkpointing.save_steps=1")
      #expect(eventually { place.stepsLogged() >= 5 })
      kill(try #require(place.identifiers(2))[1], SIGKILL)
      let ending = try program.ending()
      #expect(ending.code == 0, "\(ending.errors)")
      #expect(
        try place.text("queued") == "update JobId=17 Comment=ranks-lost:1\nrequeue 17\n")
    }

    @Test func tasksThatAreNoRanksAreRefused() throws {
      // As srun starts two without --mpi=pmix.
      for (task, isSaid) in [(0, true), (1, false)] {
        let ending = try place.train(
          prelude: "export SLURM_STEP_NUM_TASKS=2 SLURM_PROCID=\(task)")
        #expect(ending.code == 71 && !place.exists("run"))
        #expect(
          ending.errors.contains("start the 2 tasks by srun --mpi=pmix") == isSaid,
          "\(ending.errors)")
      }
      // mpirun's ranks inherit the variables of the step that started its daemons.
      let ending = try place.train(ranks: 1, prelude: "export SLURM_STEP_NUM_TASKS=2")
      #expect(ending.code == 0, "\(ending.errors)")
    }

    @Test func aJobThatFailsIsNotQueuedAgain() throws {
      let ending = try start("training.learning_rate=-1").ending()
      #expect(ending.code == 78 && !place.exists("queued"), "\(ending.errors)")
    }
  }
}
