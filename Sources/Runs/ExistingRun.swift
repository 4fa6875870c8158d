/// What `train` does where `output_dir` already holds a run.
public enum ExistingRun: Sendable, Equatable {
  /// Stop with a message that names `--resume` and `--overwrite`.
  case refuse
  /// Go on from the newest valid checkpoint; start fresh where there is none.
  case resume
  /// Start anew, and remove the old run.
  case overwrite
}
