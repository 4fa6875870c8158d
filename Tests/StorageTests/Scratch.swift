import Foundation
import Storage

/// A directory of a test's own, removed when the test lets go of it.
final class Scratch {
  let path: String

  init() throws {
    path =
      FileManager.default.temporaryDirectory.appendingPathComponent(
        "ddp-train-\(UUID().uuidString)"
      ).path
    try makeDirectories(path)
  }

  deinit { try? removeTree(path) }

  func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a file, its directories included.
  @discardableResult
  func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    try makeDirectories(parent(of: self(name)))
    try Data(bytes).write(to: URL(fileURLWithPath: self(name)))
    return self(name)
  }

  @discardableResult
  func write(_ name: String, _ text: String) throws -> String {
    try write(name, Array(text.utf8))
  }

  func read(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: self(name))))
  }

  func text(_ name: String) throws -> String {
    String(decoding: try read(name), as: UTF8.self)
  }
}

/// A .safetensors file with any header.
func safetensors(header: String, data: [UInt8] = [], length: UInt64? = nil) -> [UInt8] {
  let length = length ?? UInt64(header.utf8.count)
  return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + Array(header.utf8) + data
}

/// The message of what `body` throws, or "" if it throws nothing.
func message(of body: () throws -> Void) -> String {
  do {
    try body()
    return ""
  } catch {
    return "\(error)"
  }
}
