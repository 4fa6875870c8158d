// Files and streams that commands write: nothing that exists is lost by a slip.

import Foundation
import Testing

extension WholeProgram {
  @Suite struct OutputFileTests {
    let place: Workplace
    private let rows = Workplace.lines(Workplace.rows(9, seed: 4))

    init() throws {
      place = try Workplace()
      let ending = try place.train(Workplace.linear)
      #expect(ending.code == 0, "\(ending.errors)")
      try place.write("input.jsonl", rows)
    }

    private func predict(_ input: String, _ output: String) throws -> Ending {
      try place.run("predict", "--model", "run/best", "--input", input, "--output", output)
    }

    /// What a shell command in the directory prints; `$DDP` is the program.
    private func shell(_ command: String) throws -> Ending {
      try Program.runOther(
        ["/bin/sh", "-c", "cd '\(place.path)' && DDP='\(Program.path)' && \(command)"])
    }

    @Test func anOutputThatIsReadIsRefusedByWhateverName() throws {
      let files = FileManager.default
      try files.linkItem(
        atPath: "\(place.path)/input.jsonl", toPath: "\(place.path)/hard.jsonl")
      try files.createSymbolicLink(
        atPath: "\(place.path)/link.jsonl", withDestinationPath: "input.jsonl")
      for output in [
        "input.jsonl", "./input.jsonl", "run/../input.jsonl", "hard.jsonl", "link.jsonl",
      ] {
        let ending = try predict("input.jsonl", output)
        #expect(ending.code == 64 && ending.messages.count == 1, "\(output): \(ending.errors)")
        #expect(ending.messages.first?.hasPrefix("--output: choose another file") == true)
      }
      let model = try place.bytes("run/best/model.safetensors")
      for options in [
        ["--labels", "valid.jsonl"], ["--output", "run/best/model.safetensors"],
        ["--output", "a", "--labels", "./a"],
      ] {
        let ending = try Program.run(
          ["evaluate", "--model", "run/best", "--data", "valid.jsonl"] + options, in: place.path)
        #expect(ending.code == 64 && ending.messages.count == 1, "\(options): \(ending.errors)")
      }
      let comparison = try place.run(
        "compare", "run", "run", "--output", "run/best/thresholds.json")
      #expect(comparison.code == 64, "\(comparison.errors)")
      #expect(try place.text("input.jsonl") == rows)
      #expect(try place.bytes("run/best/model.safetensors") == model)
    }

    @Test func linksAreWrittenThroughAndPermissionsStay() throws {
      try place.write("target.jsonl", "old")
      chmod("\(place.path)/target.jsonl", 0o600)
      for (link, target) in [("link.jsonl", "target.jsonl"), ("dangling.jsonl", "new.jsonl")] {
        try FileManager.default.createSymbolicLink(
          atPath: "\(place.path)/\(link)", withDestinationPath: target)
        #expect(try predict("input.jsonl", link).code == 0)
        #expect(try place.jsonLines(target).count == 9)
        let kind = try FileManager.default.attributesOfItem(atPath: "\(place.path)/\(link)")[.type]
        #expect(kind as? FileAttributeType == .typeSymbolicLink)
      }
      let mode = try FileManager.default.attributesOfItem(atPath: "\(place.path)/target.jsonl")
      #expect(mode[.posixPermissions] as? Int == 0o600)
      // What fails leaves the old file as it was, and nothing beside it.
      try place.write("bad.jsonl", rows + "{")
      let before = try place.bytes("target.jsonl")
      #expect(try predict("bad.jsonl", "target.jsonl").code == 65)
      #expect(try place.bytes("target.jsonl") == before)
      #expect(try place.files().allSatisfy { !$0.contains(".tmp-") })
    }

    @Test func predictIsAFilter() throws {
      #expect(try predict("input.jsonl", "wanted.jsonl").code == 0)
      let wanted = try place.text("wanted.jsonl")
      let run = "$DDP predict --model run/best"
      for command in [
        "cat input.jsonl | \(run) --input - --output - | cat",
        "\(run) --input /dev/stdin --output /dev/stdout < input.jsonl",
        "mkfifo in out && (cat input.jsonl > in & \(run) --input in --output out & cat out)",
        "\(run) --input input.jsonl --output /dev/stdout > file && cat file",
        "\(run) --input input.jsonl --output file > file && cat file",
      ] {
        let ending = try shell(command)
        #expect(ending.output == wanted, "\(command): \(ending.errors)")
      }
      let csv = try shell("printf 'id,text\\n7,w00 w01\\n' | \(run) --input - --output -")
      #expect(csv.output.hasPrefix("{\"id\": \"7\""), "\(csv.errors)")
      if Program.mpirun != nil {
        let ending = try place.run(
          "predict", "--model", "run/best", "--input", "-", "--output", "-", ranks: 2,
          input: Data(rows.utf8))
        #expect(ending.output == wanted, "\(ending.errors)")
      }
    }

    @Test func whatIsPrintedGoesToStandardErrorBesideAStream() throws {
      let ending = try place.run(
        "evaluate", "--model", "run/best", "--data", "valid.jsonl", "--output", "-")
      let figures = try JSONSerialization.jsonObject(with: Data(ending.output.utf8))
      #expect((figures as? [String: Any])?["rows"] as? Int == 40)
      #expect(ending.errors.contains("eval_micro_f1"))
    }

    @Test func aStreamThatWouldBeReadTwiceIsRefused() throws {
      #expect(try shell("mkfifo pipe.jsonl").code == 0)
      for arguments in [
        ["compare", "run", "run", "--data", "-"],
        ["config.json", "--overwrite", "--set", "data.train=pipe.jsonl"],
      ] {
        let ending = try Program.run(arguments, in: place.path)
        #expect([64, 66].contains(ending.code) && ending.messages.count == 1, "\(ending.errors)")
        #expect(ending.errors.contains("stream"))
      }
    }
  }
}
