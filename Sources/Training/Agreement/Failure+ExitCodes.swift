// The exit codes of the errors of the modules below.

import Collectives
import Data
import Memory
import Models
import Objectives
import Reporting
import Storage
import Text

extension FileError: ExitCoded {
  /// 66 for a file that is not there, 74 for all else that the system refuses.
  public var exitCode: ExitCode { isMissingFile ? .missingInput : .inputOutput }
}

extension StorageError: ExitCoded {
  /// 66, 65 or 78, by its kind.
  public var exitCode: ExitCode {
    switch kind {
    case .malformed, .mismatch: .badData
    case .missing: .missingInput
    case .occupied: .badConfiguration
    }
  }
}

extension DataError: ExitCoded {
  /// 65, and 70 for rows that the program itself has damaged.
  public var exitCode: ExitCode {
    if case .damagedRows = self { .fault } else { .badData }
  }
}

extension ObjectiveError: ExitCoded {
  /// 76 if the model failed, 65 for a file of weights, 78 for the configuration's keys.
  public var exitCode: ExitCode {
    switch self {
    case .nonFiniteLogit: .diverged
    case .missingWeights, .unknownWeights, .invalidWeight: .badData
    default: .badConfiguration
    }
  }
}

extension TokenizerError: ExitCoded {
  /// 66 for a missing file, 74 for one that cannot be read, else 65.
  public var exitCode: ExitCode {
    switch self {
    case .missingFile: .missingInput
    case .unreadable: .inputOutput
    default: .badData
    }
  }
}

extension FeatureError: ExitCoded {
  /// 65
  public var exitCode: ExitCode { .badData }
}

extension ModelError: ExitCoded {
  /// 65
  public var exitCode: ExitCode { .badData }
}

extension UnansweredWait: ExitCoded {
  /// 71
  public var exitCode: ExitCode { .system }
}

extension CollectiveError: ExitCoded {
  /// 71, or 78 if the number of ranks does not fit the microbatches.
  public var exitCode: ExitCode {
    if case .indivisible = self { .badConfiguration } else { .system }
  }
}
