/// A part of a regular expression.
indirect enum PatternNode: Equatable, Sendable {
  /// One character of a set.
  case set(ScalarSet)
  /// One after the other.
  case sequence([PatternNode])
  /// The first that matches.
  case alternatives([PatternNode])
  case repetition(PatternNode, Repetition)
  /// What follows is so, or is not so; it is not consumed.
  case lookahead(PatternNode, isNegative: Bool)

  /// Whether the part can match nothing.
  var canBeEmpty: Bool {
    switch self {
    case .set: false
    case .sequence(let parts): parts.allSatisfy(\.canBeEmpty)
    case .alternatives(let parts): parts.contains(where: \.canBeEmpty)
    case .repetition(let part, let repetition): repetition.minimum == 0 || part.canBeEmpty
    case .lookahead: true
    }
  }
}

/// How often a part may occur, and which number is tried first.
struct Repetition: Equatable, Sendable {
  enum Kind { case greedy, lazy, possessive }

  var minimum: Int
  /// Nil for any number.
  var maximum: Int?
  var kind = Kind.greedy
}
