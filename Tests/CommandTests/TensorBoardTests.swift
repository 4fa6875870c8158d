// `report_to`: what the tensorboard package reads of a run.

import Foundation
import Testing

/// Whether the Python of the tests has the package.
private let hasTensorBoard: Bool = {
  guard let python = ProcessInfo.processInfo.environment["DDP_TRAIN_PYTHON"] else { return false }
  return (try? Program.runOther([python, "-c", "import tensorboard"]).code) == 0
}()

extension WholeProgram {
  @Suite struct TensorBoardTests {
    let place: Workplace
    private static let wanted = #"report_to=["tensorboard"]"#
    private static let often = ["checkpointing.save_strategy=steps", "checkpointing.save_steps=5"]

    init() throws { place = try Workplace() }

    private func eventFiles(_ run: String = "run") throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: "\(place.path)/\(run)")
        .filter { $0.contains("tfevents") }
    }

    private func read(_ run: String = "run") throws -> [String: Any] {
      let python = try #require(ProcessInfo.processInfo.environment["DDP_TRAIN_PYTHON"])
      let reader = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../Reference/tensorboard_events.py").standardized.path
      let ending = try Program.runOther([python, reader, "\(place.path)/\(run)"])
      #expect(ending.code == 0, "\(ending.errors)")
      return try object(ending.output)
    }

    private func steps(_ tag: String, in events: [String: Any]) throws -> [Int] {
      let scalars = try #require(events["scalars"] as? [String: [[Double]]])
      return try #require(scalars[tag], "no \(tag)").map { Int($0[0]) }
    }

    @Test(.enabled(if: hasTensorBoard, "DDP_TRAIN_PYTHON names no Python with tensorboard"))
    func tensorBoardReadsWhatTheLogSays() throws {
      let ending = try place.start([Self.wanted]).ending()
      #expect(ending.code == 0, "\(ending.errors)")
      let events = try read()
      let scalars = try #require(events["scalars"] as? [String: [[Double]]])
      let logged = try place.events("train")
      let losses = try #require(scalars["train/loss"])
      #expect(losses.count == logged.count)
      for (shown, line) in zip(losses, logged) {
        #expect(Int(shown[0]) == line["step"] as? Int)
        #expect(abs(shown[1] - (line["loss"] as? Double ?? .nan)) < 1e-6)
      }
      let evaluations = try place.events("eval")
      let f1 = try #require(scalars["eval/micro_f1_global"])
      #expect(f1.count == evaluations.count)
      #expect(
        abs((f1.last?[1] ?? .nan) - (evaluations.last?["eval_micro_f1_global"] as? Double ?? .nan))
          < 1e-6)
      let final = try #require(scalars["final_test/macro_f1_global"]?.last)
      #expect(abs(final[1] - (try place.result("macro_f1_global", of: "test"))) < 1e-6)
      let histogram = try #require(
        (events["histograms"] as? [String: [String: Any]])?["labels/f1"])
      #expect(histogram["count"] as? Double == 12)
      let sum = try #require(histogram["sum"] as? Double)
      #expect(abs(sum / 12 - final[1]) < 1e-6)
      let parameters = try #require(events["hparams"] as? [String: Any])
      #expect(parameters["training.train_batch_size"] as? Double == 16)
      #expect(parameters["loss.pos_weight"] != nil && events["status"] as? Int == 1)
    }

    @Test(.enabled(if: hasTensorBoard, "DDP_TRAIN_PYTHON names no Python with tensorboard"))
    func aResumedRunSaysNothingTwice() throws {
      let stopped = try place.start([Self.wanted, "training.max_steps=13"] + Self.often).ending()
      #expect(stopped.code == 0, "\(stopped.errors)")
      let resumed = try place.start(
        ["--resume", Self.wanted, "training.max_steps=30"] + Self.often
      ).ending()
      #expect(resumed.code == 0, "\(resumed.errors)")
      #expect(try eventFiles().count == 1)
      let events = try read()
      #expect(try steps("train/loss", in: events) == Array(1...30))
      #expect(try steps("final_test/micro_f1", in: events) == [30])
      let evaluated = try place.events("eval").compactMap { $0["step"] as? Int }
      #expect(try steps("eval/loss", in: events) == evaluated)
    }

    @Test func withoutTheKeyThereIsNoEventFileAndOverwritingRemovesIt() throws {
      #expect(try place.start([Self.wanted, "training.max_steps=3"]).ending().code == 0)
      #expect(try eventFiles().count == 1)
      let ending = try place.start(["--overwrite", "training.max_steps=3"]).ending()
      #expect(ending.code == 0, "\(ending.errors)")
      #expect(try eventFiles().isEmpty)
      let wrong = try place.start(["report_to=[\"wandb\"]", "--overwrite"]).ending()
      #expect(wrong.code == 78 && wrong.errors.contains("tensorboard"))
    }

    @Test(.enabled(if: Fault.areAvailable, "the library of faults is built on Linux only"))
    func anEventFileThatCannotBeWrittenCostsAWarning() throws {
      let fault = Fault("open", "run/events.out.tfevents", from: 3, .error(ENOSPC))
      let ending = try place.start(
        [Self.wanted, "training.max_steps=8"], prelude: Fault.prelude([fault])
      ).ending()
      #expect(ending.code == 0, "\(ending.errors)")
      #expect(ending.errors.components(separatedBy: "TensorBoard gets no more").count == 2)
    }
  }
}
