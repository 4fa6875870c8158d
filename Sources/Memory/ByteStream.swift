import Foundation

/// A pipe, a terminal or a device, read as its bytes come.
public final class ByteStream {
  private let path: String
  private let descriptor: Int32
  private var buffer: [UInt8]

  /// Opens a stream. Throws `FileError`.
  /// - Parameters:
  ///   - path: "-" is standard input.
  ///   - limit: bytes that are taken at once, at most.
  public init(path: String, limit: Int = 1 << 20) throws {
    precondition(limit > 0)
    self.path = path
    descriptor = path == "-" ? dup(0) : open(path, O_RDONLY | O_CLOEXEC)
    buffer = [UInt8](repeating: 0, count: limit)
    guard descriptor >= 0 else { throw FileError(path: path, operation: "open", code: errno) }
  }

  deinit { close(descriptor) }

  /// Waits until something has come, then takes what is there without waiting for more; nothing at
  /// the end. Throws `FileError`.
  public func next() throws -> [UInt8] {
    var count = 0
    while count < buffer.count, count == 0 || hasMore {
      let got = buffer.withUnsafeMutableBytes {
        read(
          descriptor, UnsafeMutableRawBufferPointer(rebasing: $0[count...]).baseAddress,
          $0.count - count)
      }
      if got == 0 { break }
      guard got > 0 || errno == EINTR else {
        throw FileError(path: path, operation: "read", code: errno)
      }
      count += max(got, 0)
    }
    return Array(buffer[..<count])
  }

  /// Whether a read would not wait.
  private var hasMore: Bool {
    var state = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&state, 1, 0) == 1 && state.revents & Int16(POLLIN) != 0
  }
}
