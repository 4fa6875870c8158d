import Data

/// Options of `ddp-train fit`.
public struct FitOptions: Sendable, Equatable {
  /// Path of the labeled rows.
  public var data: String
  /// Minutes that everything together may take.
  public var minutes = 30.0
  /// What the model is chosen and its thresholds are tuned for.
  public var goal = Goal.microF1
  /// What the user says of the columns.
  public var columns = ColumnGuess.Given()
  /// Column whose equal values keep rows in one part.
  public var group: String?
  /// Path of the validation rows; nil sets a tenth of the rows aside.
  public var validation: String?
  /// Path of the test rows; nil sets a tenth of the rows aside.
  public var test: String?
  /// Directory of the encoder; nil takes `defaultEncoder` if it is there.
  public var encoder: String?
  /// Directory of the result; nil makes one in `runs` that is named after the data.
  public var output: String?
  /// Whether an interrupted fit goes on.
  public var resumes = false
  /// Whether the plan is all that is wanted.
  public var planOnly = false

  /// The encoder that `launch/get-encoder` makes, or the Python package brings.
  public static let defaultEncoder = "models/all-MiniLM-L6-v2"

  /// What a fit aims at.
  public enum Goal: String, Sendable, CaseIterable {
    case microF1 = "micro_f1"
    case macroF1 = "macro_f1"
    case samplesF1 = "samples_f1"
  }

  /// Options for the rows of a file; see the properties for the rest.
  public init(data: String) {
    self.data = data
  }
}
