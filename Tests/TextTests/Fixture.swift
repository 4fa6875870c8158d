// Reading the fixtures, and directories that live as long as a test.

import Foundation
import Testing
import Text

/// A JSON fixture.
func fixture<Content: Decodable>(_ name: String, as type: Content.Type) throws -> Content {
  let url = try #require(
    Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Fixtures"))
  return try JSONDecoder().decode(type, from: Foundation.Data(contentsOf: url))
}

/// Calls `body` with the path of a new directory that holds `files` (name and content).
func withDirectory<Result>(
  _ files: [String: String], _ body: (String) throws -> Result
) throws -> Result {
  let directory = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
  try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: directory) }
  for (name, content) in files {
    try Foundation.Data(content.utf8).write(to: directory.appending(path: name))
  }
  return try body(directory.path)
}

/// FNV-1a, 64 bits, as 16 hexadecimal digits.
func fnv(_ text: String) -> String {
  var hash: UInt64 = 0xCBF2_9CE4_8422_2325
  for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
  return String(repeating: "0", count: hash.leadingZeroBitCount / 4)
    + (hash == 0 ? "" : String(hash, radix: 16))
}

/// A tokenizer of a small vocabulary with the five special tokens first.
func smallTokenizer(
  _ pieces: [String], options: TokenizerOptions = TokenizerOptions()
) throws -> WordPieceTokenizer {
  try WordPieceTokenizer(
    vocabulary: ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + pieces, options: options)
}
