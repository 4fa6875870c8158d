import Foundation
import Memory
import Objectives

/// `losses.json` or `masked_losses.json`, made by Tests/Reference/objectives.py.
struct LossFixture: Decodable {
  struct Case: Decodable {
    let loss: String
    let options: [String: Double]
    let smoothing: Double
    let rowLosses: [Double]
    let gradients: [[Double]]
    /// The mean over the known cells, of which `gradients` then are; else they are of the sum.
    let mean: Double?
  }

  let trainingRows: Int
  let counts: [Int]
  let known: [Int]?
  let weights: [Float]
  let logits: [[Float]]
  let targets: [[Int32]]
  let unknown: [[Int32]]?
  let cases: [Case]

  /// Cells whose target is known.
  var knownCells: Int { logits.joined().count - (unknown ?? []).joined().count }
}

/// `metrics.json` or `masked_metrics.json`, made by Tests/Reference/objectives.py.
struct MetricFixture: Decodable {
  let trainingRows: Int
  let counts: [Int]
  let topK: [Int]
  let logits: [[Float]]
  let targets: [[Int32]]
  let unknown: [[Int32]]?
  let thresholds: [Double]
  let atHalf: [String: Double]
  let atThresholds: [String: Double]
  let ranking: [String: Double]
  let probabilities: [String: Double]
  let bestMicroF1: Double
  let bestLabelF1: [Double]
}

func fixture<Value: Decodable>(_ name: String) throws -> Value {
  guard let url = Bundle.module.url(forResource: "Fixtures/\(name)", withExtension: "json") else {
    throw CocoaError(.fileNoSuchFile)
  }
  return try JSONDecoder().decode(Value.self, from: Data(contentsOf: url))
}

func matrix(_ rows: [[Float]]) -> Matrix<Float> {
  Matrix(rows.flatMap { $0 }, rows: rows.count, columns: rows.first?.count ?? 0)
}

/// A small seeded generator of test data.
struct TestGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// Uniform in 0 ..< 1.
  mutating func uniform() -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Double(state >> 11) * 0x1p-53
  }

  /// Roughly normal with the given deviation.
  mutating func normal(_ deviation: Double) -> Double {
    ((0..<12).reduce(0) { sum, _ in sum + uniform() } - 6) * deviation
  }

  /// Logits `[rows, labels]` and targets with about `density` positives an entry.
  mutating func rows(_ count: Int, labels: Int, density: Double) -> ([[Float]], [[Int32]]) {
    let logits = (0..<count).map { _ in (0..<labels).map { _ in Float(normal(3)) } }
    let targets = (0..<count).map { _ in
      (0..<Int32(labels)).filter { _ in uniform() < density }
    }
    return (logits, targets)
  }
}

/// Every loss of the registry, and those with options that change its shape.
let lossCases: [(name: String, options: [String: Double])] =
  LossRegistry.all.map { ($0.name, [:]) } + [
    ("focal", ["gamma": 0, "alpha": -1]), ("focal", ["gamma": 3.3]),
    ("asymmetric", ["clip": 0]), ("asymmetric", ["gamma_neg": 0, "gamma_pos": 0]),
    ("asymmetric", ["focusing_gradient": 1]), ("distribution_balanced", ["beta": 0]),
  ]
