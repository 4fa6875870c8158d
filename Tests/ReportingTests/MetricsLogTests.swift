import Foundation
import Memory
import Objectives
import Reporting
import Storage
import Testing

/// A log in a directory of its own.
private final class LogFile {
  let directory = FileManager.default.temporaryDirectory.appendingPathComponent(
    "ddp-train-\(UUID().uuidString)")
  var path: String { directory.appendingPathComponent("metrics.jsonl").path }

  init(_ text: String? = nil) throws {
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    if let text { try text.write(toFile: path, atomically: false, encoding: .utf8) }
  }

  deinit { try? FileManager.default.removeItem(at: directory) }

  var text: String { get throws { try String(contentsOfFile: path, encoding: .utf8) } }
}

@Test func aLineKeepsItsOrderAndItsBits() throws {
  let file = try LogFile()
  let log = MetricsLog(path: file.path)
  try log.append(
    SkippedStepEvent {
      $0.step = 10
      $0.loss = 1.0 / 3
      $0.gradientNorm = .nan
    })
  try log.append(ResumeEvent { $0.step = 20 }, synchronize: true)
  #expect(
    try file.text == """
      {"event": "skipped_step", "step": 10, "loss": 0.3333333333333333, "grad_norm": "NaN", \
      "cause": "", "skipped_steps": 0}
      {"event": "resume", "step": 20}

      """)
}

@Test func aLogIsCutBackToTheResumedStep() throws {
  let kept = """
    {"event": "start", "rows": 5}
    {"event": "train", "step": 10}
    {"event": "checkpoint", "step": 20}

    """
  let file = try LogFile(
    kept + """
      {"event": "end", "step": 20}
      {"event": "train", "step": 30}
      {"event": "train", "step": 40, "lo
      """)
  let cut = try MetricsLog(path: file.path).cut(afterStep: 20)
  #expect((cut.kept, cut.dropped, cut.damaged) == (3, 2, 1))
  #expect(try file.text == kept)
  #expect(try MetricsLog(path: file.path).cut(afterStep: 20).dropped == 0)
  #expect(try FileManager.default.contentsOfDirectory(atPath: file.directory.path).count == 1)
}

@Test func aLineWithoutItsBreakIsTorn() throws {
  // It may be whole or the beginning of a longer number: nobody can tell.
  let file = try LogFile("{\"step\": 1}\n{\"step\": 1}")
  #expect(try MetricsLog(path: file.path).cut(afterStep: 5).damaged == 1)
  #expect(try file.text == "{\"step\": 1}\n")
}

@Test func damageInTheMiddleDoesNotHideLaterLines() throws {
  let file = try LogFile("{\"step\": 1}\n\u{0}\u{0}\n[1]\n{\"step\": 2}\n")
  let cut = try MetricsLog(path: file.path).cut(afterStep: 2)
  #expect((cut.kept, cut.damaged) == (2, 2))
  #expect(try file.text == "{\"step\": 1}\n{\"step\": 2}\n")
}

@Test func cuttingALogThatIsNotThereIsFine() throws {
  let file = try LogFile()
  #expect(try MetricsLog(path: file.path).cut(afterStep: 2).kept == 0)
}

@Test func linesWaitWhileTheDiskIsFull() throws {
  let file = try LogFile()
  try FileManager.default.createSymbolicLink(atPath: file.path, withDestinationPath: "/dev/full")
  let log = MetricsLog(path: file.path)
  for step in 1...2 {
    let error = #expect(throws: FileError.self) {
      try log.append(ResumeEvent { $0.step = step })
    }
    #expect(error?.code == ENOSPC)
  }
  try FileManager.default.removeItem(atPath: file.path)
  try log.append(ResumeEvent { $0.step = 3 })
  let steps = try log.events(ResumeEvent.self).map(\.step)
  #expect(steps == [1, 2, 3])
}

@Test func eventsAreReadAsTheyWereWritten() throws {
  let file = try LogFile()
  let log = MetricsLog(path: file.path)
  let evaluation = EvaluationEvent {
    $0.step = 7
    $0.metrics = [
      Metric(.loss, 0.25), Metric(.microF1.by(.global), 0.5), Metric(.precision(at: 5), .nan),
    ]
    $0.isBest = true
  }
  let end = EndEvent {
    $0.reason = .stoppedEarly
    $0.peakMemory = [12, 13]
  }
  try log.append(evaluation)
  try log.append(end)
  let read = try #require(try log.events(EvaluationEvent.self).first)
  #expect(read.metrics.map(\.name) == evaluation.metrics.map(\.name))
  #expect(read.metrics[..<2] == evaluation.metrics[..<2] && read.metrics[2].value.isNaN)
  #expect(try log.events(EndEvent.self) == [end])
  #expect(try log.events(TrainEvent.self).isEmpty)
}

@Test func namesOfVersion01AreRead() throws {
  let file = try LogFile(
    #"{"event": "eval", "step": 3, "epoch": 1, "eval_head_f1_tuned": 0.5, "is_best": true}"# + "\n")
  let metrics = try MetricsLog(path: file.path).events(EvaluationEvent.self).first?.metrics
  #expect(metrics == [Metric(MetricName("frequent_f1", by: .global), 0.5)])
}
