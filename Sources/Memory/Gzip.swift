// Unpacking gzip (RFC 1952) with zlib, as a stream into memory that grows.

import CGzip
import Foundation

/// Why a gzip file cannot be unpacked.
public enum GzipError: Error, Equatable {
  /// The file ends before its content does.
  case truncated
  /// The bytes are no gzip, or a checksum is wrong.
  case damaged
  /// The content is larger than this machine's memory.
  case tooLarge
}

/// Files that gzip has packed.
public enum Gzip {
  /// Whether bytes begin as gzip's do.
  public static func isPacked(_ head: [UInt8]) -> Bool { head.starts(with: [0x1F, 0x8B]) }

  /// The content of a packed file, all of its members one after another.
  public static func unpacked(_ packed: Vector<UInt8>) throws(GzipError) -> Vector<UInt8> {
    guard let stream = gzip_open() else { throw .tooLarge }
    defer { gzip_close(stream) }
    var output = GrowingBytes(capacity: expectedSize(packed))
    var position = 0
    while true {
      let status = try unpackSome(stream, packed, &position, &output)
      guard status == GZIP_END else { continue }
      // Tapes pad with zeros.
      while position < packed.count, packed.pointer[position] == 0 { position += 1 }
      if position == packed.count { return output.bytes }
      gzip_restart(stream)
    }
  }

  /// One call of zlib: moves `position` over what was read.
  private static func unpackSome(
    _ stream: OpaquePointer, _ packed: Vector<UInt8>, _ position: inout Int,
    _ output: inout GrowingBytes
  ) throws(GzipError) -> gzip_status {
    var packedCount = min(packed.count - position, 1 << 30)
    let space = try output.space()
    var spaceCount = space.count
    let status = gzip_unpack(
      stream, packed.pointer + position, &packedCount, space.base, &spaceCount)
    position += packedCount
    output.count += spaceCount
    switch status {
    case GZIP_DAMAGED: throw .damaged
    case GZIP_OUT_OF_MEMORY: throw .tooLarge
    case GZIP_MORE, GZIP_END: return status
    default: throw .truncated
    }
  }

  /// What the last four bytes say, modulo 2³², as far as gzip can pack so much into so little.
  private static func expectedSize(_ packed: Vector<UInt8>) -> Int {
    guard packed.count >= 4 else { return 0 }
    let size = (1...4).reduce(0) { $0 << 8 | Int(packed.pointer[packed.count - $1]) }
    return min(size, packed.count * 1_032)
  }
}

/// Memory that doubles where it is full.
private struct GrowingBytes {
  var count = 0
  private var memory: Vector<UInt8>

  init(capacity: Int) {
    // One byte more than what is expected shows the end without growing.
    memory = Vector(zeros: max(capacity, 1 << 16) + 1)
  }

  var bytes: Vector<UInt8> { memory[0..<count] }

  /// Room for one byte at least.
  mutating func space() throws(GzipError) -> (base: UnsafeMutablePointer<UInt8>, count: Int) {
    if count == memory.count {
      let pages = sysconf(Int32(_SC_PHYS_PAGES))
      guard 2 * count / sysconf(Int32(_SC_PAGESIZE)) < pages else { throw .tooLarge }
      let larger = Vector<UInt8>(zeros: 2 * count)
      larger[0..<count].copy(from: memory)
      memory = larger
    }
    return (memory.pointer + count, min(memory.count - count, 1 << 30))
  }
}
