// `predict --stream`: rows that are answered while the pipe stays open.

import Foundation
import Testing

extension WholeProgram {
  @Suite struct PredictionStreamTests {
    let place: Workplace
    let rows = Workplace.rows(300, seed: 5)

    init() throws {
      place = try Workplace()
      let ending = try place.train()
      #expect(ending.code == 0, "\(ending.errors)")
    }

    /// What predict writes of a file with these rows.
    private func answers(_ rows: ArraySlice<Row>, _ options: String...) throws -> Data {
      try place.write("some.jsonl", Workplace.lines(Array(rows)))
      let ending = try Program.run(
        ["predict", "--model", "run", "--input", "some.jsonl", "--output", "some.out"] + options,
        in: place.path)
      #expect(ending.code == 0, "\(ending.errors)")
      return try place.bytes("some.out")
    }

    @Test func anEmptyLineAsksForTheAnswersOfAFileOfTheRowsBeforeIt() throws {
      let pipes = try Pipes(place.path)
      let program = try Program.start(
        [
          "predict", "--stream", "--model", "run", "--input", pipes.input, "--output", pipes.output,
        ], in: place.path)
      for part in [rows[..<1], rows[1..<1], rows[..<1], rows[1..<260], rows[260...]] {
        pipes.write(Workplace.lines(Array(part)) + "\n")
        let wanted = part.isEmpty ? Data() : try answers(part)
        #expect(pipes.read(wanted.count) == wanted)
      }
      pipes.write("{\"text\": \"w01\"}\n\n{\"text\": 5}\n\n")
      let unnamed = String(decoding: pipes.read(12), as: UTF8.self)
      // Its number among all rows of the stream.
      #expect(unnamed.hasPrefix("{\"id\": \"301\""))
      let ending = try program.ending()
      #expect(ending.code == 65)
      #expect(ending.messages.first?.contains(":309: “text” is not a string") == true, "\(ending)")
    }

    @Test func rawLogitsAreThoseOfJSONAndNotANumberWithoutAText() throws {
      var some = Array(rows[..<40])
      some[7].text = " "
      let lines = try answers(some[...], "--logits", "--format", "jsonl")
      let raw: [Float] = values(try answers(some[...], "--format", "raw"))
      let count = Workplace.labels.count
      #expect(raw.count == some.count * count)
      for (row, line) in lines.split(separator: 0x0A).enumerated() {
        let object = try #require(
          try JSONSerialization.jsonObject(with: line) as? [String: Any])
        let logits = raw[row * count..<(row + 1) * count]
        if row == 7 {
          #expect(logits.allSatisfy(\.isNaN) && object["logits"] is NSNull)
        } else {
          let wanted = try #require(object["logits"] as? [Double])
          #expect(logits.elementsEqual(wanted.map(Float.init)))
        }
      }
    }

    @Test func whatAStreamCannotDoIsRefused() throws {
      for wrong in [["--explain", "2"], ["--format", "raw", "--logits"]] {
        let ending = try Program.run(
          ["predict", "--stream", "--model", "run", "--input", "-", "--output", "-"] + wrong,
          in: place.path)
        #expect(ending.code == 64, "\(ending.errors)")
      }
      let csv = try Program.run(
        ["predict", "--stream", "--model", "run", "--input", "-", "--output", "-"],
        in: place.path, input: Data("text\nw01\n".utf8))
      #expect(csv.code == 65 && csv.messages.first?.contains("standard input:1: ") == true)
    }
  }
}

/// Two named pipes, open at both ends, so that no end waits for the other.
private final class Pipes {
  let (input, output): (String, String)
  private let (writing, reading): (FileHandle, FileHandle)

  init(_ directory: String) throws {
    (input, output) = ("\(directory)/in.pipe", "\(directory)/out.pipe")
    for path in [input, output] { #expect(mkfifo(path, 0o600) == 0) }
    writing = try #require(FileHandle(forUpdatingAtPath: input))
    reading = try #require(FileHandle(forUpdatingAtPath: output))
  }

  func write(_ text: String) { writing.write(Data(text.utf8)) }

  /// Waits for so many bytes.
  func read(_ count: Int) -> Data { count == 0 ? Data() : reading.readData(ofLength: count) }
}
