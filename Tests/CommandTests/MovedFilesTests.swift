// A resumed run goes by what files hold, not by where they lie.

import Foundation
import Testing

extension WholeProgram {
  @Suite(.enabled(if: Program.mpirun != nil, "mpirun is not installed")) struct MovedFilesTests {
    let place: Workplace
    let often = [
      "training.num_train_epochs=16", "checkpointing.save_strategy=steps",
      "checkpointing.save_steps=9",
    ]

    init() throws { place = try Workplace() }

    private func move(_ name: String, to other: String) throws {
      try FileManager.default.moveItem(
        atPath: "\(place.path)/\(name)", toPath: "\(place.path)/\(other)")
    }

    /// Stops a run by a signal after some steps.
    private func stop(_ options: [String]) throws {
      let program = try place.start(often + options)
      #expect(eventually { place.stepsLogged() >= 20 })
      kill(program.identifier, SIGUSR1)
      #expect(try program.ending().code == 75)
    }

    @Test func dataMayMoveAndMustNotChange() throws {
      #expect(try place.start(often + ["output_dir=whole"]).ending().code == 0)
      try stop([])
      for name in ["train", "valid"] { try move("\(name).jsonl", to: "moved-\(name).jsonl") }
      let moved = ["data.train=moved-train.jsonl", "data.validation=moved-valid.jsonl"]
      let rows = try place.text("moved-train.jsonl")
      try place.write("moved-train.jsonl", rows.replacing("row-7\"", with: "row-7\", \"x\": \"\""))
      let resumed = try place.start(["--resume"] + often + moved, ranks: 2).ending()
      #expect(resumed.code == 0, "\(resumed.errors)")
      #expect(try place.figures() == place.figures("whole"))
      #expect(try place.products() == place.products("whole"))
      try place.write("moved-train.jsonl", rows.replacing("w00", with: "w01"))
      let changed = try place.start(["--resume"] + often + moved).ending()
      #expect(changed.code == 78 && changed.errors.contains("the data"), "\(changed.errors)")
    }

    @Test func theDirectoryOfTheEncoderMayMove() throws {
      #expect(try place.train("training.max_steps=1", "output_dir=made").code == 0)
      let model = ["model.config=null", "model.vocab=null", "model.name_or_path=made/best"]
      #expect(try place.start(often + model + ["output_dir=whole"]).ending().code == 0)
      try stop(model)
      try move("made", to: "moved")
      let elsewhere = ["model.config=null", "model.vocab=null", "model.name_or_path=moved/best"]
      // Another shape is another model.
      let json = try place.text("moved/best/config.json")
      try place.write(
        "moved/best/config.json",
        json.replacing(
          try #require(json.firstMatch(of: /"layer_norm_eps": [-0-9.e]+/)).output,
          with: "\"layer_norm_eps\": 0.5"))
      let other = try place.start(["--resume"] + often + elsewhere).ending()
      #expect(other.code == 78 && other.errors.contains("model.name_or_path"), "\(other.errors)")
      try place.write("moved/best/config.json", json)
      let resumed = try place.start(["--resume"] + often + elsewhere).ending()
      #expect(resumed.code == 0, "\(resumed.errors)")
      #expect(try place.products() == place.products("whole"))
    }
  }
}
