import Foundation
import Memory
import Storage
import Testing

/// The steps of a replacement; a kill may come after each.
enum Stage: Int, CaseIterable {
  case nothing
  case begun
  case written
  case sealed
  case oldAside
  case inPlace
  case oldRemoved
}

private func replace(_ destination: String, text: String, until last: Stage) throws {
  func goesOn(to stage: Stage) -> Bool { stage.rawValue <= last.rawValue }
  guard goesOn(to: .begun) else { return }
  let pending = try PendingDirectory.begin(at: destination)
  guard goesOn(to: .written) else { return }
  let record = try pending.writeFile("model") { try $0.write(text) }
  guard goesOn(to: .sealed) else { return }
  try pending.seal(files: [record])
  guard goesOn(to: .oldAside) else { return }
  try pending.moveOldAside()
  guard goesOn(to: .inPlace) else { return }
  try pending.moveIntoPlace()
  guard goesOn(to: .oldRemoved) else { return }
  try pending.removeOld()
}

private func commit(_ destination: String, text: String) throws {
  let pending = try PendingDirectory.begin(at: destination)
  try pending.commit(files: [pending.writeFile("model") { try $0.write(text) }])
}

@Test(arguments: Stage.allCases)
func aReplacementKilledAtAnyStageLeavesAWholeDirectory(stage: Stage) throws {
  let scratch = try Scratch()
  let best = scratch("best")
  try commit(best, text: "old")
  try replace(best, text: "new", until: stage)
  try PendingDirectory.recover(best)
  let expected = stage.rawValue >= Stage.inPlace.rawValue ? "new" : "old"
  #expect(try scratch.text("best/model") == expected)
  try Manifest(directory: best).validate(best)
  #expect(try entries(of: scratch.path) == ["best"])

  // Twice is as good as once, and the next replacement works.
  try PendingDirectory.recover(best)
  try commit(best, text: "third")
  #expect(try scratch.text("best/model") == "third")
  #expect(try entries(of: scratch.path) == ["best"])
}

@Test func foreignFilesOutliveAReplacement() throws {
  let scratch = try Scratch()
  try commit(scratch("best"), text: "old")
  try scratch.write("best/predictions.jsonl", "mine")
  try commit(scratch("best"), text: "new")
  #expect(try scratch.text("best/model") == "new")
  #expect(try scratch.text("best/predictions.jsonl") == "mine")
}

@Test func aFileOrALinkInThePlaceIsAnError() throws {
  let scratch = try Scratch()
  try scratch.write("best", "a file")
  let error = #expect(throws: StorageError.self) { try PendingDirectory.begin(at: scratch("best")) }
  #expect(error?.kind == .occupied)
  #expect(error?.path == scratch("best"))
  try FileManager.default.createSymbolicLink(
    atPath: scratch("link"), withDestinationPath: "/nowhere")
  #expect(throws: StorageError.self) { try PendingDirectory.begin(at: scratch("link")) }
}

@Test func aCommitWantsEveryFileInFullSize() throws {
  let scratch = try Scratch()
  try commit(scratch("best"), text: "old")
  let pending = try PendingDirectory.begin(at: scratch("best"))
  let record = try pending.writeFile("model") { try $0.write("new") }
  let other = FileRecord(name: "shard-1", byteCount: 5, sha256: record.sha256)
  #expect(throws: StorageError.self) { try pending.commit(files: [record, other]) }
  #expect(try scratch.text("best/model") == "old")
  #expect(try entries(of: scratch.path) == ["best"])
}

@Test func aFullDiskIsToldApartAndLeavesTheOldState() throws {
  let scratch = try Scratch()
  try commit(scratch("best"), text: "old")
  let pending = try PendingDirectory.begin(at: scratch("best"))
  // A device that is always full stands in for the disk.
  try FileManager.default.createSymbolicLink(
    atPath: "\(pending.temporary)/model", withDestinationPath: "/dev/full")
  let error = #expect(throws: FileError.self) {
    try pending.writeFile("model") { try $0.write(Vector<Float>(zeros: 1000)) }
  }
  #expect(error?.code == ENOSPC)
  #expect(try entries(of: pending.temporary) == [])
  pending.abandon()
  #expect(try scratch.text("best/model") == "old")
  #expect(try entries(of: scratch.path) == ["best"])
}

@Test func filesThatAreFinishedLaterAreWhatWasWritten() throws {
  let scratch = try Scratch()
  let place = scratch("step")
  _ = try PendingDirectory.begin(at: place)
  let files = UnfinishedFiles()
  let pending = PendingDirectory(joining: place, unfinished: files)
  let values = Vector<Float>(zeros: 300_000)
  values.fill(1)
  _ = try pending.writeFile("values") { try $0.write(values) }
  _ = try pending.writeFile("text") { try $0.write("text") }
  // Training goes on.
  values.fill(2)
  try pending.commit(files: try files.finish())
  try Manifest(directory: place).validate(place)
  let written = try MappedFile(path: "\(place)/values").vector(
    at: 0, count: 300_000, of: Float.self)
  #expect(written.array.allSatisfy { $0 == 1 })
  #expect(try files.finish() == [])
}

@Test func aFileThatIsCutBeforeItIsFinishedIsAnError() throws {
  let scratch = try Scratch()
  let place = scratch("step")
  _ = try PendingDirectory.begin(at: place)
  let files = UnfinishedFiles()
  let pending = PendingDirectory(joining: place, unfinished: files)
  for name in ["a", "b"] { _ = try pending.writeFile(name) { try $0.write([1, 2, 3]) } }
  #expect(truncate("\(pending.temporary)/a", 2) == 0)
  let error = #expect(throws: FileError.self) { try files.finish() }
  #expect(error?.path == "\(pending.temporary)/a")
}

/// A small file system of its own, if the test may mount one.
private final class SmallDisk {
  let scratch: Scratch

  init?(megabytes: Int) throws {
    scratch = try Scratch()
    guard Self.run("mount", ["-t", "tmpfs", "-o", "size=\(megabytes)m", "tmpfs", scratch.path])
    else { return nil }
  }

  deinit { _ = Self.run("umount", [scratch.path]) }

  static func run(_ command: String, _ arguments: [String]) -> Bool {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [command] + arguments
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }

  static let canBeMounted = (try? SmallDisk(megabytes: 1)) ?? nil != nil
}

@Test(.enabled(if: SmallDisk.canBeMounted, "a tmpfs cannot be mounted here"))
func aRunOutlivesAFullDisk() throws {
  let disk = try #require(try SmallDisk(megabytes: 4))
  let scratch = disk.scratch
  let store = CheckpointStore(directory: scratch("checkpoints"))
  try store.prepare()
  let values = Vector<Float>(zeros: 400_000)  // 1.6 MB: two fit, three don't
  func save(_ step: Int) throws {
    let pending = try store.begin(step: step)
    do {
      let record = try pending.writeFile("state") { try $0.write(values) }
      try pending.commit(files: [record])
    } catch {
      pending.abandon()
      throw error
    }
  }
  try save(10)
  try save(20)
  for _ in 0..<3 {
    let error = #expect(throws: FileError.self) { try save(30) }
    #expect(error?.code == ENOSPC)
    #expect(try entries(of: store.directory) == ["step-00000010", "step-00000020"])
    #expect(try store.newestValid().checkpoint?.step == 20)
  }
  #expect(try store.rotate(limit: 1) == [10])
  try save(30)
  #expect(try store.newestValid().checkpoint?.step == 30)
}
