// The exit code of each module's errors.

import Collectives
import Data
import Memory
import Models
import Objectives
import Storage
import Text

extension FileError: ExitCoded {
  /// 66 where something is missing, else 74.
  public var exitCode: ExitCode { isMissingFile ? .missingInput : .inputOutput }
}

extension StorageError: ExitCoded {
  /// By kind: 65 bad content, 66 missing, 78 a place that is taken.
  public var exitCode: ExitCode {
    switch kind {
    case .malformed, .mismatch: .badData
    case .missing: .missingInput
    case .occupied: .badConfiguration
    }
  }
}

extension DataError: ExitCoded {
  /// 65
  public var exitCode: ExitCode { .badData }
}

extension TokenizerError: ExitCoded {
  /// 65
  public var exitCode: ExitCode { .badData }
}

extension ModelError: ExitCoded {
  /// 65, or 66 where a file is missing.
  public var exitCode: ExitCode {
    if case .missingFile = self { .missingInput } else { .badData }
  }
}

extension ObjectiveError: ExitCoded {
  /// 76 where the model gave no number, else 78.
  public var exitCode: ExitCode { isDivergence ? .diverged : .badConfiguration }
}

extension CollectiveError: ExitCoded {
  /// 71, or 78 where the number of ranks does not fit.
  public var exitCode: ExitCode {
    if case .indivisible = self { .badConfiguration } else { .system }
  }
}
