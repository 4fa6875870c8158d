// `ddp-train audit`: what is worth knowing of a file, without a config.

import Foundation
import Testing

extension WholeProgram {
  @Suite struct AuditCommandTests {
    let place: Workplace

    init() throws {
      place = try Workplace()
      let rows = Workplace.rows(200, seed: 3)
      try place.write("rows.jsonl", Workplace.lines(rows + rows.prefix(5)))
    }

    private func audit(_ options: String..., code: Int32 = 0) throws -> Ending {
      let ending = try Program.run(["audit", "rows.jsonl"] + options, in: place.path)
      #expect(ending.code == code, "\(ending.errors)")
      return ending
    }

    @Test func aFileIsLookedAtWithoutAConfig() throws {
      #expect(try place.train("training.max_steps=1").code == 0)
      let before = try place.files()
      let output = try audit("--encoder", "run/best").output
      for part in [
        "--text COLUMN", "most frequent labels", "rows with the text of an earlier row: ",
        "tokens of a text: median ", "texts that model.max_length would cut, at 64: ",
      ] { #expect(output.contains(part), "\(part) in \(output)") }
      #expect(try place.files() == before)
    }

    @Test func whatIsFoundIsKeptAsJSON() throws {
      _ = try audit("--output", "found.json")
      let found = try place.json("found.json")
      #expect(found["labels"] as? Int == Workplace.labels.count)
      let parts = try #require(found["parts"] as? [String: [String: Any]])
      let rows = parts.values.compactMap { $0["rows"] as? Int }.reduce(0, +)
      #expect(parts.count == 3 && rows == 205)
      #expect(found["advice"] is [Any])
    }

    @Test func outputsDoNotDestroyInputs() throws {
      let ending = try audit("--output", "rows.jsonl", code: 64)
      #expect(ending.messages.count == 1 && ending.errors.contains("--output"))
      #expect(try place.text("rows.jsonl").hasPrefix("{"))
    }
  }
}
