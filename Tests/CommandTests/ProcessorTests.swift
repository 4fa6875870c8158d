// Which processors the program runs on, and the kernels that DDP_TRAIN_KERNELS chooses.

import Foundation
import Testing

/// A program that runs another as a processor without AVX-512 would; nil if none is installed.
private let emulator = ["/usr/bin/qemu-x86_64"].first {
  FileManager.default.isExecutableFile(atPath: $0)
}

extension WholeProgram {
  @Suite struct ProcessorTests {
    let place: Workplace

    init() throws { place = try Workplace() }

    @Test func kernelsThatDoNotExistAreRefused() throws {
      let ending = try run(kernels: "v5")
      #expect(ending.code == 71)
      #expect(
        ending.errors == "ddp-train: error: DDP_TRAIN_KERNELS is \"v5\"; it must be v3 or v4\n")
    }

    /// This build has the kernels of one level; libraries keep to it where it is chosen.
    @Test func kernelsOfAnotherLevelAreRefused() throws {
      let endings = try ["v3", "v4"].map { try run(kernels: $0) }
      #expect(endings.contains { $0.code == 0 } || endings.allSatisfy { $0.code == 71 })
      for (level, ending) in zip(["v3", "v4"], endings) {
        if ending.code == 0 {
          let unit = level == "v3" ? "AVX2 with FMA" : "AVX-512"
          #expect(ending.output.contains("vector unit  \(unit)\n"), "\(ending.output)")
          #expect(ending.output.contains("DDP_TRAIN_KERNELS leaves them out"))
        } else {
          #expect(ending.errors.hasPrefix("ddp-train: error: DDP_TRAIN_KERNELS asks for \(level)"))
          #expect(ending.errors.split(separator: "\n").count == 1)
        }
      }
    }

    @Test(.enabled(if: emulator != nil, "qemu-user is not installed"))
    func aProcessorWithoutTheInstructionsIsToldSo() throws {
      let ending = try Program.runOther([
        try #require(emulator), "-cpu", "Westmere", Program.path, "--version",
      ])
      #expect(ending.code == 71)
      #expect(ending.errors.contains("ddp-train: error: this processor lacks avx,"))
    }

    /// The Python package says where the encoder lies that it has brought.
    @Test func anInstalledEncoderIsKnownByItsName() throws {
      let trained = try place.train()
      #expect(trained.code == 0, "\(trained.errors)")
      for name in ["all-MiniLM-L6-v2", "sentence-transformers/all-MiniLM-L6-v2"] {
        let ending = try Program.run(
          ["tokenize", "--model", name], in: place.path, input: Data("alpha\n".utf8),
          prelude: "export DDP_TRAIN_ENCODER=\(place.path)/run/best")
        #expect(ending.code == 0 && !ending.output.isEmpty, "\(ending.errors)")
      }
      let other = try Program.run(
        ["tokenize", "--model", "no-such-model"], in: place.path,
        prelude: "export DDP_TRAIN_ENCODER=\(place.path)/run/best")
      #expect(other.code == 66, "only its own names stand for it")
    }

    private func run(kernels: String) throws -> Ending {
      try Program.run(["doctor"], prelude: "export DDP_TRAIN_KERNELS=\(kernels)")
    }
  }
}
