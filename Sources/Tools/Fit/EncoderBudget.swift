// How long an encoder can be trained within a number of minutes. It is decided before the training,
// by the speed that was measured, since the learning rate's schedule must know its end.

import Runs

/// What an encoder's training costs, and the time that there is for it.
struct EncoderBudget {
  /// Tokens of the rows of each part, not cut.
  let training: [Int]
  let validation: [Int]
  let test: [Int]
  let speed: RunSpeed
  /// Seconds for the training, and for all evaluations of the encoder and of what is made of it.
  let seconds: Double

  /// Rows of a step.
  static let batchSize = 32
  /// Below this share of an epoch an encoder learns less than it costs.
  static let fewestEpochs = 0.2
  /// So many epochs are worth more than longer texts.
  private static let goodEpochs = 4.0
  /// Few rows are seen more often, until there are so many steps.
  private static let goodSteps = 1_200.0
  private static let epochsOfFewRows = 10.0
  /// Lengths that texts may be cut at.
  private static let lengths = [32, 64, 128, 256, 512]
  /// The share of the time that is kept for speed that varies.
  private static let reserve = 0.08

  /// The longest texts for which there is time for a good training; nil where there is no time at
  /// all.
  /// - Parameter longest: what the encoder takes.
  func effort(longest: Int) -> EncoderEffort? {
    let useful = Self.lengths.filter { $0 <= longest && isUseful($0) }
    let length = useful.last { self.epochs($0) >= Self.goodEpochs } ?? useful.first ?? longest
    let epochs: Double = self.epochs(length)
    guard epochs >= Self.fewestEpochs else { return nil }
    return EncoderEffort(
      maxLength: length,
      epochs: epochs >= 1
        ? min(epochs.rounded(.down), mostEpochs) : (epochs * 20).rounded(.down) / 20)
  }

  /// More epochs gained nothing on any data set (docs/lab/defaults.md).
  private var mostEpochs: Double {
    let steps = max(1, Double(training.count) / Double(Self.batchSize))
    return min(max((Self.goodSteps / steps).rounded(), Self.goodEpochs), Self.epochsOfFewRows)
  }

  /// Whether a cut at this length shows more of the texts than one at half of it.
  private func isUseful(_ length: Int) -> Bool {
    let (more, less) = (tokens(training, length), tokens(training, length / 2))
    return length == Self.lengths[0] || Double(more) > 1.02 * Double(less)
  }

  /// Epochs that there is time for if texts are cut at this length.
  func epochs(_ length: Int) -> Double {
    let (training, validation, test) = (
      Double(tokens(training, length)), Double(tokens(validation, length)),
      Double(tokens(test, length))
    )
    // At the end the best model and the ensemble are evaluated on both parts, and its weights are
    // tuned.
    let ending = (3 * validation + 2 * test) / speed.evaluationTokensPerSecond
    let epoch =
      training / speed.trainingTokensPerSecond + validation / speed.evaluationTokensPerSecond
    return max(0, seconds * (1 - Self.reserve) - ending) / epoch
  }

  private func tokens(_ lengths: [Int], _ limit: Int) -> Int {
    lengths.reduce(0) { $0 + min($1, limit) }
  }
}
