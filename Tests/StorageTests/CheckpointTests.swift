import Foundation
import Memory
import Storage
import Testing

/// Saves a checkpoint of two files, one of them "by another rank".
private func save(_ store: CheckpointStore, step: Int, text: String = "state") throws {
  let pending = try store.begin(step: step)
  let first = try pending.writeFile("state.json") { try $0.write("\(text) \(step)") }
  let second = try store.join(step: step).writeFile("shard-1") { try $0.write([1, 2, 3]) }
  try pending.commit(files: [second, first])
}

private func steps(_ store: CheckpointStore) throws -> [Int] {
  try store.list().map(\.step)
}

private func makeStore(_ scratch: Scratch) throws -> CheckpointStore {
  let store = CheckpointStore(directory: scratch("checkpoints"))
  try store.prepare()
  return store
}

@Test func namesCarryTheStepInEightDigits() {
  #expect(CheckpointStore.name(step: 120) == "step-00000120")
  #expect(CheckpointStore.name(step: 1_234_567_890) == "step-1234567890")
  #expect(CheckpointStore.step(name: "step-00000120") == 120)
  for name in ["step-120", "step-", "step-0000012x", "step-+0000012", "step-00000120 ", "best"] {
    #expect(CheckpointStore.step(name: name) == nil)
  }
}

@Test func theNewestCheckpointIsFound() throws {
  let scratch = try Scratch()
  let store = try makeStore(scratch)
  #expect(try store.newestValid().checkpoint == nil)
  for step in [30, 10, 20] { try save(store, step: step) }
  #expect(try steps(store) == [10, 20, 30])
  let (found, damaged) = try store.newestValid()
  #expect(found?.path == scratch("checkpoints/step-00000030"))
  #expect(damaged.isEmpty)
}

@Test func foreignNamesAndSymbolicLinksArePassedOver() throws {
  let scratch = try Scratch()
  let store = try makeStore(scratch)
  try save(store, step: 10)
  try scratch.write("checkpoints/step-00000099", "a file")
  try scratch.write("checkpoints/step-100/x", "other digits")
  try scratch.write("checkpoints/notes/x", "notes")
  try scratch.write("checkpoints/.tmp-notes/x", "not ours")
  try FileManager.default.createSymbolicLink(
    atPath: scratch("checkpoints/step-00000088"), withDestinationPath: "step-00000010")
  #expect(try steps(store) == [10])
  #expect(try store.newestValid().checkpoint?.step == 10)
  try store.prepare()
  #expect(try scratch.text("checkpoints/.tmp-notes/x") == "not ours")
}

enum Damage: CaseIterable {
  case flippedBit
  case truncated
  case grown
  case missingFile
  case missingManifest
  case tornManifest
  case fileIsLink
  case manifestLeavesDirectory
}

@Test(arguments: Damage.allCases)
func aDamagedCheckpointIsNamedKeptAsideAndPassedOver(damage: Damage) throws {
  let scratch = try Scratch()
  let store = try makeStore(scratch)
  for step in [10, 20] { try save(store, step: step) }
  let place = "checkpoints/step-00000020"
  switch damage {
  case .flippedBit: try scratch.write("\(place)/shard-1", [1, 2, 2])
  case .truncated: try scratch.write("\(place)/shard-1", [1, 2])
  case .grown: try scratch.write("\(place)/shard-1", [1, 2, 3, 4])
  case .missingFile: try removeTree(scratch("\(place)/shard-1"))
  case .missingManifest: try removeTree(scratch("\(place)/manifest.json"))
  case .tornManifest:
    try scratch.write(
      "\(place)/manifest.json", Array(scratch.read("\(place)/manifest.json")[..<40]))
  case .fileIsLink:
    try renameEntry(scratch("\(place)/shard-1"), to: scratch("elsewhere"))
    try FileManager.default.createSymbolicLink(
      atPath: scratch("\(place)/shard-1"), withDestinationPath: scratch("elsewhere"))
  case .manifestLeavesDirectory:
    let text = try scratch.text("\(place)/manifest.json")
    try scratch.write(
      "\(place)/manifest.json", text.replacingOccurrences(of: "shard-1", with: "../x"))
  }
  let (found, damaged) = try store.newestValid()
  #expect(found?.step == 10)
  #expect(damaged.count == 1)
  #expect(damaged.first?.name == "step-00000020")
  #expect(damaged.first?.reason.contains("step-00000020/") == true)
  #expect(damaged.first?.keptAs == scratch("checkpoints/damaged-step-00000020"))
  #expect(try steps(store) == [10])

  // The run comes by step 20 again, and it is damaged again.
  try save(store, step: 20)
  try scratch.write("\(place)/shard-1", [])
  #expect(
    try store.newestValid().damaged.first?.keptAs
      == scratch("checkpoints/damaged-step-00000020-2"))
}

@Test func whereAllAreDamagedNoneIsUsed() throws {
  let scratch = try Scratch()
  let store = try makeStore(scratch)
  for step in [10, 20] {
    try save(store, step: step)
    try scratch.write("checkpoints/\(CheckpointStore.name(step: step))/state.json", "x")
  }
  let (found, damaged) = try store.newestValid()
  #expect(found == nil)
  #expect(damaged.map(\.name) == ["step-00000020", "step-00000010"])
}

@Test func rotationKeepsTheNewestAndTheBest() throws {
  let scratch = try Scratch()
  let store = try makeStore(scratch)
  for step in [10, 20, 30, 40, 50] { try save(store, step: step) }
  #expect(try store.rotate(limit: 5) == [])
  #expect(try store.rotate(limit: 3, keeping: [10]) == [20, 30])
  #expect(try steps(store) == [10, 40, 50])
  #expect(try store.rotate(limit: 1, keeping: [10]) == [40])
  #expect(try steps(store) == [10, 50])
  #expect(try entries(of: store.directory).count == 2)
}

@Test func rotationNeverRemovesTheOnlyValidOne() throws {
  let scratch = try Scratch()
  let store = try makeStore(scratch)
  for step in [10, 20] { try save(store, step: step) }
  try scratch.write("checkpoints/step-00000020/shard-1", [1])
  #expect(try store.rotate(limit: 1) == [])
  #expect(try steps(store) == [10, 20])
}

@Test func aRemovalThatWasKilledIsFinishedAtTheStart() throws {
  let scratch = try Scratch()
  let store = try makeStore(scratch)
  try save(store, step: 10)
  try scratch.write("checkpoints/.tmp-removed-step-00000005/state.json", "half removed")
  try scratch.write("checkpoints/.tmp-step-00000020/state.json", "half written")
  try store.prepare()
  #expect(try entries(of: store.directory) == ["step-00000010"])
}
