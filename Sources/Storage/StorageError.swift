import Foundation
import Memory

/// A file or directory whose content, not whose reading or writing, is the trouble. What the system
/// refuses is a `FileError`.
public struct StorageError: Error, Equatable, CustomStringConvertible {
  /// What sort of trouble it is, for the exit code.
  public enum Kind: Sendable {
    /// The content is not what the format wants, or not what the manifest says: bad data.
    case malformed
    /// A file that must be there is not: a missing input.
    case missing
    /// A tensor is absent, or has another shape or type than wanted: bad data.
    case mismatch
    /// Something that is not the program's own stands where it wants to write: bad configuration.
    case occupied
  }

  /// What sort of trouble it is.
  public let kind: Kind
  /// The file or directory.
  public let path: String
  /// What is wrong and what to do, without the path.
  public let problem: String

  /// An error about `path`.
  public init(_ kind: Kind, _ path: String, _ problem: String) {
    self.kind = kind
    self.path = path
    self.problem = problem
  }

  /// The path and the problem.
  public var description: String { "\(path): \(problem)" }
}
