// The buffer of a model's parameters, and the guard against reading it at the wrong time.

import Memory

/// All parameters of a model in one buffer.
///
/// In training over several ranks each rank updates its part of the parameters, and the other parts
/// arrive while the next step computes. Whoever trains says by `isComplete` when some are missing;
/// all others read `values`, which are complete or end the program: nobody can read old
/// parameters by mistake.
public final class ParameterStore {
  /// The buffer, for those who know which of its parts are up to date: the model's passes, which
  /// are told, and what brings the parts.
  public let buffer: Vector<Float>
  /// Whether all parameters are those of the last update.
  public var isComplete = true

  /// Zeros.
  public init(count: Int) {
    buffer = Vector(zeros: count)
  }

  /// All parameters.
  public var values: Vector<Float> {
    precondition(isComplete, "parameters are read that have not been gathered")
    return buffer
  }
}
