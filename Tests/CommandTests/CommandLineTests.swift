// The command line as a user meets it: the built program is started, its output and exit code read.

import Foundation
import Testing

extension WholeProgram {
  @Suite struct CommandLineTests {
    @Test func helpAndVersionGoToStandardOutput() throws {
      let version = try run("--version")
      #expect(version.code == 0 && version.output.hasPrefix("ddp-train ") && version.errors.isEmpty)
      let help = try run("--help")
      #expect(help.code == 0 && help.errors.isEmpty)
      for command in [
        "train", "sweep, tune", "evaluate", "predict", "compare", "ensemble, join", "tokenize",
        "doctor, env",
      ] {
        #expect(help.output.contains("\n  \(command) "))
      }
      #expect(!help.output.contains("\n  ranks "), "the help of launch scripts is not shown")
    }

    @Test(arguments: [
      ([], "Missing expected argument '<config>'"),
      (["trian", "config.json"], "did you mean \"train\"?"),
      (["whatever"], "neither a command"),
      (["predict", "--model", "m"], "'--input <file>'"),
      (["train", "c.json", "--resume", "--overwrite"], "exclude each other"),
      (["train", "c.json", "--sett", "a=1"], "--set"),
      (["predict", "--model", "m", "--input", "i", "--output", "o", "--top-k", "0"], "--top-k"),
      (["predict", "--model", "m", "--input", "i", "--output", "o", "--threshold", "2"], "0 to 1"),
      (["tokenize", "--model", "m", "--max-length", "1"], "--max-length"),
    ])
    func wrongCommandLinesEndWith64(arguments: [String], message: String) throws {
      let result = try run(arguments)
      #expect(result.code == 64)
      #expect(result.output.isEmpty)
      #expect(result.errors.hasPrefix("ddp-train: error: "))
      #expect(result.errors.contains(message), "\(result.errors)")
    }

    /// An OpenBLAS that does not know the processor would choose kernels without AVX. oneDNN leaves
    /// the products to it if it has no AVX-512.
    @Test func theDoctorShowsKernelsThatUseTheProcessorsVectors() throws {
      let report = try Program.run(["doctor"], prelude: "export DNNL_MAX_CPU_ISA=SSE41")
      #expect(report.code == 0 && report.output.contains("OpenBLAS"))
      let lines = report.output.split(separator: "\n")
      let kernels = try #require(lines.first { $0.hasPrefix("fp32 ") })
      let vectors = try #require(lines.first { $0.hasPrefix("vector unit ") })
      for old in ["Prescott", "Core2", "Nehalem", "Sandybridge"] where vectors.contains("AVX") {
        #expect(!kernels.contains(old), "\(kernels)")
      }
    }

    @Test func aMissingConfigurationEndsWith66() throws {
      for arguments in [
        ["no/such.json"], ["train", "no/such.json"], ["no/such.json", "--dry-run"],
      ] {
        let result = try run(arguments)
        #expect(result.code == 66)
        #expect(result.errors.hasPrefix("ddp-train: error: no/such.json: no such file"))
      }
    }

    @Test func aBadConfigurationEndsWith78WithAndWithoutTheCommandsName() throws {
      try withConfiguration(#"{"modle": {}}"#) { path in
        for arguments in [[path], ["train", path], ["--dry-run", path]] {
          let result = try run(arguments)
          #expect(result.code == 78)
          #expect(result.errors.contains("modle: no such key; did you mean model?"))
        }
      }
    }

    @Test func ranksAreTheLargestNumberThatDividesTheMicrobatches() throws {
      let text = #"{"model": {"name_or_path": "m"}, "data": {"train": "t"}, "output_dir": "o"}"#
      try withConfiguration(text) { path in
        #expect(try run("ranks", path, "--cores", "7").output == "4\n")
        let six = try run("ranks", path, "--set", "training.microbatches=6", "--cores", "5")
        #expect(six.output == "3\n")
      }
    }

    @Test(.enabled(if: Program.mpirun != nil, "mpirun is not installed"))
    func underMPIOneErrorIsOneMessage() throws {
      let wrong = try Program.run(["train", "c.json", "--resume", "--overwrite"], ranks: 3)
      #expect(wrong.code == 64 && wrong.messages.count == 1)
      let help = try Program.run(["--help"], ranks: 3)
      #expect(help.code == 0)
      #expect(help.output.components(separatedBy: "SUBCOMMANDS").count == 2)
    }
  }
}

private func run(_ arguments: String...) throws -> Ending { try Program.run(arguments) }

private func run(_ arguments: [String]) throws -> Ending { try Program.run(arguments) }

private func withConfiguration(_ text: String, _ body: (String) throws -> Void) throws {
  let path = FileManager.default.temporaryDirectory.path + "/config-\(UUID()).json"
  try text.write(toFile: path, atomically: true, encoding: .utf8)
  defer { try? FileManager.default.removeItem(atPath: path) }
  try body(path)
}
