/// What the progress line shows.
public struct ProgressFigures: Sendable {
  /// Updates done.
  public var step: Int
  /// Updates of the whole run.
  public var totalSteps: Int
  /// Epochs done, with the part of the running one.
  public var epoch = 0.0
  /// The loss of the last step.
  public var loss = 0.0
  /// The learning rate of the last step; nil where it has no one rate.
  public var learningRate: Double?
  /// Tokens or feature values a second, over all ranks.
  public var unitsPerSecond = 0.0
  /// Real tokens of texts, or feature values of a model that reads no tokens.
  public var unit = "tokens"
  /// Since this start of the run.
  public var seconds = 0.0
  /// Time left in seconds; nil while nothing is known.
  public var secondsLeft: Double?

  /// Tenths of the run that are done.
  var tenth: Int { totalSteps > 0 ? 10 * step / totalSteps : 10 }

  /// The figures before anything is known of the step's pace; see the properties for the rest.
  public init(step: Int, totalSteps: Int) {
    self.step = step
    self.totalSteps = totalSteps
  }
}

extension ProgressFigures {
  /// The line, in ASCII, for instance
  /// `step 120/5000 2% | epoch 1.20 | loss 0.0312 | 2,550 tokens/s | 1h02m left | lr 9.8e-05`.
  ///
  /// With a `width` the least important parts are left out until it fits: learning rate, epoch,
  /// speed, loss, time left.
  public func line(width: Int? = nil) -> String {
    let percent = totalSteps > 0 ? 100 * step / totalSteps : 100
    // From left to right; the number is the order in which parts are given up.
    var parts: [(text: String, rank: Int)] = [
      ("step \(step)/\(totalSteps) \(percent)%", .max),
      ("epoch \(fixed(epoch, digits: 2))", 1),
      ("loss \(significant(loss))", 3),
      ("\(grouped(unitsPerSecond)) \(unit)/s", 2),
      ("\(secondsLeft.map(duration) ?? "?") left", 4),
    ]
    if let learningRate { parts.append(("lr \(significant(learningRate))", 0)) }
    func joined() -> String { parts.map(\.text).joined(separator: " | ") }
    guard let width else { return joined() }
    while joined().count > width, parts.count > 1 {
      let least = parts.indices.min { parts[$0].rank < parts[$1].rank } ?? 0
      parts.remove(at: least)
    }
    return String(joined().prefix(max(0, width)))
  }
}
