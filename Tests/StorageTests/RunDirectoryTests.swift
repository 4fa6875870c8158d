import Foundation
import Memory
import Storage
import Testing

private func makeRun(_ scratch: Scratch) throws -> RunDirectory {
  let run = RunDirectory(path: scratch("runs/a"))
  try run.prepare()
  try JSONValue.object(["output_dir": "runs/a"]).write(to: run.config)
  try scratch.write("runs/a/metrics.jsonl", "{}\n")
  try JSONValue.object(["f1": 0.5]).write(to: run.results)
  let places = [try PendingDirectory.begin(at: run.best), try run.checkpoints.begin(step: 10)]
  for place in places {
    try place.commit(files: [try place.writeFile("model") { try $0.write("x") }])
  }
  return run
}

@Test func aRunIsRecognized() throws {
  let scratch = try Scratch()
  let empty = RunDirectory(path: scratch("runs/new"))
  #expect(!empty.holdsRun)
  try empty.prepare()
  #expect(!empty.holdsRun)
  #expect(try makeRun(scratch).holdsRun)
}

@Test func overwritingRemovesTheRunAndNothingElse() throws {
  let scratch = try Scratch()
  let run = try makeRun(scratch)
  try scratch.write("runs/a/notes.txt", "mine")
  try scratch.write("runs/a/checkpoints/other/x", "mine")
  try run.overwrite()
  #expect(try entries(of: run.path) == ["checkpoints", "notes.txt"])
  #expect(try entries(of: run.checkpoints.directory) == ["other"])
  #expect(!run.holdsRun)
  try RunDirectory(path: scratch("nothing")).overwrite()
}

@Test func aForeignFileInBestStopsOverwritingBeforeAnythingIsRemoved() throws {
  let scratch = try Scratch()
  let run = try makeRun(scratch)
  try scratch.write("runs/a/best/predictions.jsonl", "mine")
  let before = try entries(of: run.path)
  #expect(throws: StorageError.self) { try run.overwrite() }
  #expect(try entries(of: run.path) == before)
  #expect(try entries(of: run.best).contains("predictions.jsonl"))
}

@Test func overwritingAlsoRemovesWhatAKillLeft() throws {
  let scratch = try Scratch()
  let run = try makeRun(scratch)
  try renameEntry(run.best, to: scratch("runs/a/.old-best"))
  try scratch.write("runs/a/checkpoints/.tmp-step-00000020/model", "half")
  try run.overwrite()
  try run.prepare()
  #expect(try entries(of: run.path) == ["checkpoints"])
  #expect(try entries(of: run.checkpoints.directory) == [])
}

@Test func overwritingNeverTouchesAModel() throws {
  let scratch = try Scratch()
  try scratch.write("model/config.json", #"{"model_type": "bert"}"#)
  let run = RunDirectory(path: scratch("model"))
  #expect(run.holdsRun)
  let error = #expect(throws: StorageError.self) { try run.overwrite() }
  #expect(error?.kind == .occupied)
  #expect(try entries(of: run.path) == ["config.json"])

  try scratch.write("b/best/model.safetensors", "somebody's")
  #expect(throws: StorageError.self) { try RunDirectory(path: scratch("b")).overwrite() }
}

@Test(arguments: ["best", "checkpoints"])
func aFileInThePlaceOfADirectoryIsNamed(name: String) throws {
  let scratch = try Scratch()
  try scratch.write("run/\(name)", "a file")
  let error = #expect(throws: StorageError.self) {
    try RunDirectory(path: scratch("run")).prepare()
  }
  #expect(error?.kind == .occupied)
  #expect(
    error?.description == "\(scratch("run/\(name)")): a file stands where a directory is "
      + "wanted; move it away")
}

@Test func anOutputDirectoryThatIsAFileIsNamed() throws {
  let scratch = try Scratch()
  try scratch.write("run", "a file")
  for path in ["run", "run/deeper"] {
    let error = #expect(throws: FileError.self) {
      try RunDirectory(path: scratch(path)).prepare()
    }
    #expect(error?.description.hasSuffix("cannot create: Not a directory") == true)
  }
}

@Test func preparingMendsWhatAKillLeft() throws {
  let scratch = try Scratch()
  let run = try makeRun(scratch)
  try renameEntry(run.best, to: scratch("runs/a/.old-best"))
  try scratch.write("runs/a/.tmp-best/model", "half")
  try scratch.write("runs/a/.tmp-results.json", "half")
  try run.prepare()
  #expect(
    try entries(of: run.path) == [
      "best", "checkpoints", "config.json", "metrics.jsonl", "results.json",
    ])
  try Manifest(directory: run.best).validate(run.best)
}

@Test func aSmallFileIsReplacedWhole() throws {
  let scratch = try Scratch()
  let path = scratch("results.json")
  try JSONValue.object(["a": 1]).write(to: path)
  try JSONValue.object(["a": 2]).write(to: path)
  #expect(try JSONValue(contentsOf: path) == ["a": 2])
  #expect(try entries(of: scratch.path) == ["results.json"])
  #expect(throws: FileError.self) { try JSONValue.null.write(to: scratch("no/such/results.json")) }
  let error = #expect(throws: StorageError.self) {
    try JSONValue(contentsOf: scratch.write("bad.json", "{\n  \"a\": tru\n}"))
  }
  #expect(error?.problem == "not valid JSON, line 2, column 8: found \"t\" where a value is wanted")
}

@Test func pathsAreTakenApart() {
  for (path, above, last) in [
    ("a/b", "a", "b"), ("a", ".", "a"), ("/a", "/", "a"), ("/", "/", "/"), ("a/b//", "a", "b"),
    ("../a", "..", "a"),
  ] {
    #expect(parent(of: path) == above)
    #expect(lastComponent(of: path) == last)
  }
  #expect(sibling("x", of: "/a") == "/x")
}
