// A Slurm job that is warned saves, and is queued again. Slurm's own commands are stand-ins.

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
      // Without Slurm, mpirun has to be told the number of ranks.
      try stand(
        "mpirun", "while [ \"$1\" != $DDP_TRAIN ]; do shift; done\nexec \(mpirun) -n 2 \"$@\"")
      try stand("scontrol", "echo \"$@\" >> queued")
    }

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
          "PATH": "\(place.path)/bin:\(path)", "DDP_TRAIN": Program.path, "SLURM_JOB_ID": "17",
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

    @Test func aJobThatFailsIsNotQueuedAgain() throws {
      let ending = try start("training.learning_rate=-1").ending()
      #expect(ending.code == 78 && !place.exists("queued"), "\(ending.errors)")
    }
  }
}
