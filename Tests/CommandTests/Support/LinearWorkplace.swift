// What the tests of linear models share: their configuration, more labels than a block
// has, their files.

import Foundation
import Testing

extension Workplace {
  /// Trains a linear model instead of the BERT.
  static let linear = #"model={"type": "linear"}"#
  /// The BERT with a linear part beside it.
  static let tfidf = "model.tfidf=true"

  /// 150 labels, so that three ranks have weights to train and a fourth has none; each has a word
  /// of its own, and rows have others besides. Some rows have no label, some no word.
  func useManyLabels() throws {
    func rows(_ count: Int, _ seed: UInt64) -> [Row] {
      var random = Numbers(state: seed)
      return (0..<count).map { index in
        let chosen = (0..<index % 4).map { _ in Int.random(in: 0..<150, using: &random) }
        var words = chosen.map { "m\($0)" }
        for _ in 0..<(index % 9) { words.append(Self.words.randomElement(using: &random)!) }
        words.shuffle(using: &random)
        return Row(
          id: "row-\(index)", text: (words + ["."]).joined(separator: " "),
          labels: Set(chosen).sorted().map { String(format: "many-%03d", $0) })
      }
    }
    // Every label is in some training row.
    let all = (0..<150).map {
      Row(id: "label-\($0)", text: "m\($0) w00", labels: [String(format: "many-%03d", $0)])
    }
    try write("train.jsonl", Self.lines(all + rows(150, 1)))
    try write("valid.jsonl", Self.lines(rows(90, 2)))
    try write("test.jsonl", Self.lines(rows(70, 3)))
  }

  /// What a run with a linear part leaves behind.
  func linearProducts(_ run: String = "run") throws -> [Data] {
    try products(run)
      + ["best/linear.safetensors", "best/features.tsv", "labels.csv"].map {
        try bytes("\(run)/\($0)")
      }
  }

  /// The weights of a saved model's linear part: for each feature the labels that have one.
  func linearWeights(_ model: String) throws -> [[(label: Int, weight: Float)]] {
    let tensors = try tensors(try bytes("\(model)/linear.safetensors"))
    let offsets: [Int64] = values(try #require(tensors["linear.offsets"]))
    let labels: [Int32] = values(try #require(tensors["linear.labels"]))
    let weights: [Float] = values(try #require(tensors["linear.values"]))
    #expect(labels.count == weights.count && Int(offsets.last ?? 0) == weights.count)
    return zip(offsets, offsets.dropFirst()).map { start, end in
      (Int(start)..<Int(end)).map { (Int(labels[$0]), weights[$0]) }
    }
  }
}

/// The values of a tensor.
func values<Element>(_ bytes: Data) -> [Element] {
  bytes.withUnsafeBytes { bytes in
    stride(from: 0, to: bytes.count, by: MemoryLayout<Element>.size).map {
      bytes.loadUnaligned(fromByteOffset: $0, as: Element.self)
    }
  }
}
