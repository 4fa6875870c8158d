// What Git leaves in place of a large file where `git lfs` has not fetched it.

/// A text of a few lines that stands for a large file.
public enum GitLFSPointer {
  /// What a file is and what to do, where these are its first bytes; nil of any other file.
  public static func problem(_ head: some Sequence<UInt8>) -> String? {
    guard head.starts(with: "version https://git-lfs.github.com/spec/".utf8) else { return nil }
    return "this is a Git LFS pointer, not the file itself; get the file with: git lfs pull"
  }

  /// Bytes that `problem` looks at.
  public static let headSize = 64
}
