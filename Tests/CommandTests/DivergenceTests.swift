// A row whose loss is not finite: a word that only this row has, has an embedding whose sum is not
// finite.

import Foundation
import Testing

extension WholeProgram {
  @Suite struct DivergenceTests {
    let place: Workplace

    init() throws {
      place = try Workplace()
      var rows = Workplace.rows(120, seed: 1)
      rows[77].text += " caf"
      for index in rows.indices where index != 77 {
        rows[index].text.replace("caf", with: "w01")
      }
      try place.write("train.jsonl", Workplace.lines(rows))
      for (name, seed) in [("valid", 2), ("test", 3)] {
        let text = Workplace.lines(Workplace.rows(30, seed: UInt64(seed)))
        try place.write("\(name).jsonl", text.replacing("caf", with: "w01"))
      }
      #expect(try place.train("training.max_steps=1", "output_dir=encoder").code == 0)
      // Their sum is infinite, and so LayerNorm makes no number of them.
      try place.writeEmbedding(
        of: "caf", Array(repeating: .greatestFiniteMagnitude, count: 8), in: "encoder/best")
    }

    private static let common = [
      "model={\"name_or_path\": \"encoder/best\", \"max_length\": 32}",
      "training.num_train_epochs=3", "training.on_divergence=skip",
    ]

    private func train(_ arguments: String..., ranks: Int = 0) throws -> Ending {
      try place.start(Self.common + arguments, ranks: ranks).ending()
    }

    @Test func theRowIsNamed() throws {
      for ranks in Program.mpirun == nil ? [0] : [0, 4] {
        let ending = try train("training.on_divergence=stop", "--overwrite", ranks: ranks)
        #expect(ending.code == 76 && ending.messages.count == 1, "\(ending.errors)")
        let message = ending.messages.first ?? ""
        #expect(message.contains("training diverged at step "))
        #expect(
          message.contains("microbatch ") && message.contains("loss of the rows \"row-77\" is"))
        #expect(place.exists("run/metrics.jsonl"))
      }
    }

    @Test func stepsAreSkippedAlikeOnAnyRanks() throws {
      var lines: [[String]] = []
      for ranks in Program.mpirun == nil ? [0] : [0, 2, 4] {
        let ending = try train("--overwrite", ranks: ranks)
        #expect(ending.code == 0, "\(ending.errors)")
        #expect(ending.errors.components(separatedBy: " was skipped: ").count == 4)
        let log = try place.text("run/metrics.jsonl").split(separator: "\n").map(String.init)
        lines.append(
          log.filter { $0.contains("\"eval\"") }
            + log.filter { $0.contains("skipped_step\"") }.map {
              $0.replacing(/rank \d/, with: "rank")
            })
      }
      #expect(lines[0].count == 6 && lines.allSatisfy { $0 == lines[0] })
      #expect(lines[0].last?.contains("\"skipped_steps\": 3") == true)
      #expect(try place.json("run/results.json")["skipped_steps"] as? Int == 3)
    }

    @Test func aResumeRemembersWhatWasSkipped() throws {
      let saving = ["checkpointing.save_strategy=steps", "checkpointing.save_steps=1"]
      #expect(try train(saving[0], saving[1]).code == 0)
      let results = try place.bytes("run/results.json")
      let first = try train(saving[0], saving[1], "training.max_skipped_steps=1", "--overwrite")
      #expect(first.code == 76)
      #expect(first.messages.first?.contains("1 steps were skipped before") == true)
      let second = try train(saving[0], saving[1], "--resume")
      #expect(second.code == 0, "\(second.errors)")
      #expect(try place.bytes("run/results.json") == results)
    }
  }
}
