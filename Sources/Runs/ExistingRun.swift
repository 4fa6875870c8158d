/// What `train` does if `output_dir` already holds a run.
public enum ExistingRun: Sendable, Equatable {
  /// Stop with a message that names `--resume` and `--overwrite`.
  case refuse
  /// Go on from the newest valid checkpoint; start fresh if there is none.
  case resume
  /// Start again, and remove the old run.
  case overwrite
}
