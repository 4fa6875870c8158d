import Reporting
import Testing

private let figures = {
  var figures = ProgressFigures(step: 120, totalSteps: 5000)
  figures.epoch = 1.2
  figures.loss = 0.031249
  figures.learningRate = 9.8e-5
  figures.unitsPerSecond = 2550.4
  figures.secondsLeft = 3725
  return figures
}()

@Test func theLineShowsEverything() {
  #expect(
    figures.line()
      == "step 120/5000 2% | epoch 1.20 | loss 0.03125 | 2,550 tokens/s | 1h02m left | lr 9.80e-05")
}

@Test func aNarrowTerminalGetsTheImportantParts() {
  #expect(
    figures.line(width: 80)
      == "step 120/5000 2% | epoch 1.20 | loss 0.03125 | 2,550 tokens/s | 1h02m left")
  #expect(figures.line(width: 50) == "step 120/5000 2% | loss 0.03125 | 1h02m left")
  #expect(figures.line(width: 30) == "step 120/5000 2% | 1h02m left")
  #expect(figures.line(width: 10) == "step 120/5")
  for width in 0...100 { #expect(figures.line(width: width).count <= width) }
}

@Test(arguments: [
  (0.0, "0.0s"), (0.44, "0.4s"), (9.94, "9.9s"), (9.96, "10s"), (59.6, "1m00s"), (185, "3m05s"),
  (3599.7, "1h00m"), (3725, "1h02m"), (86399, "23h59m"), (183600, "2d03h"), (.nan, "?"), (-1, "?"),
  (.infinity, "?"),
])
func durationsAreShort(seconds: Double, text: String) {
  #expect(duration(seconds) == text)
}

@Test(arguments: [
  (0, "0"), (0.5, "0.5000"), (1.23456, "1.235"), (12345.6, "12346"), (123456, "1.23e+05"),
  (0.00012345, "1.23e-04"), (-2.5, "-2.500"), (.nan, "nan"), (.infinity, "inf"),
])
func figuresHaveFourDigits(value: Double, text: String) {
  #expect(significant(value) == text)
}

@Test func thousandsAreGrouped() {
  #expect(grouped(0) == "0")
  #expect(grouped(999.6) == "1,000")
  #expect(grouped(1_234_567) == "1,234,567")
  #expect(grouped(-1000) == "-1,000")
  #expect(grouped(.nan) == "nan")
}

@Test func aTerminalIsRedrawnInPlace() {
  var shown = ""
  let line = ProgressLine(.normal, isTerminal: true, width: { 31 }, output: { shown += $0 })
  line.show(figures, isLoggingStep: false)
  line.message("saved")
  line.show(figures, isLoggingStep: true)
  line.finish()
  line.finish()
  let drawn = "\rstep 120/5000 2% | 1h02m left\u{1B}[K"
  #expect(shown == drawn + "\r\u{1B}[Ksaved\n" + drawn + "\r\u{1B}[K")
}

/// The steps that a file gets lines of, in a run of 40 steps that take `seconds` each.
private func linesInFile(_ detail: ProgressLine.Detail, seconds: Double = 1) -> [String] {
  var shown = ""
  let line = ProgressLine(detail, isTerminal: false, width: { 20 }, output: { shown += $0 })
  for step in 1...40 {
    var figures = ProgressFigures(step: step, totalSteps: 40)
    figures.seconds = Double(step) * seconds
    line.show(figures, isLoggingStep: step.isMultiple(of: 15))
  }
  line.message("saved")
  line.message("careful", isWarning: true)
  line.finish()
  return shown.split(separator: "\n").map { String($0.split(separator: "/")[0]) }
}

@Test func aFileGetsALineForEachTenth() {
  let tenths = stride(from: 4, through: 40, by: 4).map { "step \($0)" }
  #expect(linesInFile(.normal) == tenths + ["saved", "careful"])
  #expect(linesInFile(.verbose) == ["step 15", "step 30", "saved", "careful"])
  #expect(linesInFile(.quiet) == ["careful"])
  #expect(linesInFile(.brief("run 1")) == ["careful"])
}

@Test func aFileHearsOfASlowRunEveryTenMinutes() {
  let steps = linesInFile(.normal, seconds: 300).dropLast(2)
  #expect(steps.prefix(4) == ["step 3", "step 4", "step 6", "step 8"])
}

@Test func theFirstStepIsNoPace() throws {
  var pace = Pace()
  pace.begin(at: 0)
  pace.stepEnded(at: 500)
  #expect(pace.secondsLeft(for: 10) == 5000)
  pace.stepEnded(at: 502)
  #expect(pace.secondsLeft(for: 10) == 20)
  pace.stepEnded(at: 506)
  #expect(pace.secondsLeft(for: 10) == 30)
}

@Test func textIsWrappedBetweenWords() {
  #expect(
    wrapped("one two three four", title: "Say", indent: 5, width: 14)
      == ["Say  one two", "     three", "     four"])
  #expect(
    wrapped("one two three four", indent: 0, limit: 2, width: 9) == ["one two", "three …"])
  #expect(wrapped("abcdefghij", indent: 2, width: 7) == ["  abcde", "  fghij", "  "].dropLast())
  #expect(
    alignedColumns([["", "rows"], ["training", "4"]]) == ["          rows", "training     4"])
}

@Test func thePaceForgetsEvaluationsAndOldSteps() throws {
  var pace = Pace()
  #expect(pace.secondsLeft(for: 10) == nil)
  pace.begin(at: 100)
  pace.stepEnded(at: 102)
  #expect(pace.secondsLeft(for: 10) == 20)
  pace.begin(at: 1000)
  pace.stepEnded(at: 1002)
  #expect(pace.secondsLeft(for: 10) == 20)
  for step in 1...200 { pace.stepEnded(at: 1002 + Double(step)) }
  #expect(abs(try #require(pace.secondsLeft(for: 10)) - 10) < 0.01)
}
