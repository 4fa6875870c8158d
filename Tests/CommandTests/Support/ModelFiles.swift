// A saved model, altered if a test wants it so.

import Foundation
import Testing

extension Workplace {
  /// Overwrites the first values of a word's embedding in a saved model.
  func writeEmbedding(of word: String, _ values: [Float], in model: String) throws {
    let path = "\(model)/model.safetensors"
    var bytes = try bytes(path)
    let length = bytes.prefix(8).enumerated().reduce(0) {
      $0 + Int($1.element) << (8 * $1.offset)
    }
    let header = try #require(
      try JSONSerialization.jsonObject(with: bytes[8..<8 + length]) as? [String: Any])
    let tensor = header["bert.embeddings.word_embeddings.weight"] as? [String: Any]
    let offset = try #require((tensor?["data_offsets"] as? [Int])?.first)
    let words = try text("vocab.txt").split(separator: "\n")
    let row = try #require(words.firstIndex { $0 == word })
    let start = 8 + length + offset + 4 * 32 * row
    values.withUnsafeBytes { bytes.replaceSubrange(start..<start + $0.count, with: $0) }
    try bytes.write(to: URL(fileURLWithPath: "\(self.path)/\(path)"))
  }
}
