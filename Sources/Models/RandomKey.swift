import Kernels

/// Names the random numbers of a training step; nil in evaluation.
public struct RandomKey: Sendable {
  /// The run's seed.
  public let seed: UInt64
  /// The number of the optimizer step, from 0.
  public let step: Int

  /// The step `step` of a run with `seed`.
  public init(seed: UInt64, step: Int) {
    self.seed = seed
    self.step = step
  }
}

/// Numbers the places of the network that have dropout.
struct DropoutPlace {
  let number: Int

  /// After the embeddings.
  static let embeddings = DropoutPlace(number: 0)
  /// Before the classifier.
  static let classifier = DropoutPlace(number: 1)
  /// Before the dense layer of a family's own head.
  static let head = DropoutPlace(number: 2)

  /// The first of a layer's four places.
  static func layer(_ index: Int) -> DropoutPlace { DropoutPlace(number: 4 + 4 * index) }

  static func + (place: DropoutPlace, offset: Int) -> DropoutPlace {
    DropoutPlace(number: place.number + offset)
  }

  /// Dropout here, or nil if there is none.
  func dropout(_ probability: Double, _ key: RandomKey?) -> Dropout? {
    guard let key, probability > 0 else { return nil }
    return Dropout(probability: probability, seed: key.seed, step: key.step, place: number)
  }
}
