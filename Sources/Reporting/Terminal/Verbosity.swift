/// How much a command says on its way.
public enum Verbosity: Sendable, Equatable {
  /// Warnings and what came out.
  case quiet
  /// A screen before the first step, progress, evaluations, what came out.
  case normal
  /// All that is known before the first step, and progress at every logging step.
  case verbose
}
