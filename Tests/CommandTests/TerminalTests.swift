// What a run shows: a screen before the first step, a table of evaluations, the end.

import Foundation
import Testing

extension WholeProgram {
  @Suite struct TerminalTests {
    let place: Workplace

    init() throws { place = try Workplace() }

    private func run(_ options: String...) throws -> Ending {
      let ending = try place.start(
        options + ["training.num_train_epochs=3", "--overwrite"], isBrief: true
      ).ending()
      #expect(ending.code == 0, "\(ending.errors)")
      return ending
    }

    @Test func theScreenBeforeTrainingFitsATerminal() throws {
      let lines = try run().outputLines
      let end = try #require(lines.firstIndex { $0.hasPrefix("Finished after") })
      let screen = lines.prefix(end)
      #expect(screen.count <= 21, "\(screen)")
      for line in lines where line.count > 80 {
        #expect(line.contains("ddp-train "), "only commands are longer: \(line)")
      }
      let text = screen.joined(separator: " ").replacing(/\s+/, with: " ")
      for part in [
        "training 120 1.51", "validation 40 1.62", "test 30 1.53", "text “text”",
        "lists of names", "12: “label-", "2 layers × 32", "a new", "3 epochs, 24 steps of 16 rows",
        "MB a rank",
      ] { #expect(text.contains(part), "\(part) in \(text)") }
      #expect(!lines.contains { $0.hasPrefix("data: ") || $0.hasPrefix("advice: ") })
      let after = lines[end...].joined(separator: "\n")
      for part in [
        "test, 30 rows", "95 % interval", "one threshold", "baseline: frequent labels",
        "labels by training rows", "Next", "run/report.html",
      ] { #expect(after.contains(part), "\(part) in \(after)") }
      #expect(!lines.joined().contains("\u{1B}"), "a file gets no control sequences")
    }

    @Test func evaluationsAreRowsOfATable() throws {
      let errors = try run().errors.components(separatedBy: "\n")
      let header = try #require(errors.firstIndex { $0.hasPrefix(" epoch  train loss") })
      #expect(errors.filter { $0.hasPrefix(" epoch  train loss") }.count == 1)
      let rows = errors[header...].filter { $0.hasPrefix("  1.00 ") || $0.hasPrefix("  3.00 ") }
      #expect(rows.count == 2)
      let first = rows[0].split(separator: " ").compactMap { Double($0) }
      let logged = try #require(try place.events("eval").first)
      #expect(abs(first[2] - (try #require(logged["eval_loss"] as? Double))) < 1e-4)
      #expect(abs(first[3] - (try #require(logged["eval_micro_f1_global"] as? Double))) < 1e-4)
      // A line for each tenth of 24 steps.
      #expect(errors.filter { $0.hasPrefix("step ") }.count == 10)
    }

    @Test func quietSaysWhatCameOut() throws {
      let ending = try run("--quiet")
      #expect(ending.errors.isEmpty, "\(ending.errors)")
      #expect(ending.outputLines.first { !$0.isEmpty }?.hasPrefix("Finished after") == true)
      let wrong = try place.start(["--quiet", "--verbose"], isBrief: true).ending()
      #expect(wrong.code == 64 && wrong.errors.contains("exclude each other"))
    }
  }
}
