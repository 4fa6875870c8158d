import Foundation
import Memory
import Testing

struct FileTests {
  @Test func whatIsWrittenIsMappedBack() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/values"
      let file = try OutputFile(path: path)
      try file.write("ab")
      try file.write([1, 2])
      try file.write(Vector<Float>([1.5, -2]))
      try file.write(Vector<Float>([]))
      try file.write("")
      try file.synchronize()
      try file.close()
      let mapped = try MappedFile(path: path)
      #expect(mapped.path == path)
      #expect(mapped.byteCount == 12)
      #expect(mapped.bytes.array == [97, 98, 1, 2, 0, 0, 192, 63, 0, 0, 0, 192])
      #expect(mapped.vector(at: 4, count: 2, of: Float.self).array == [1.5, -2])
      #expect(mapped.vector(at: 12, count: 0, of: Float.self).count == 0)
    }
  }

  @Test func appendingGoesOnAndCreatingBeginsAnew() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/log"
      for (text, appending) in [("one", true), ("two", true)] {
        let file = try OutputFile(path: path, appending: appending)
        try file.write(text)
        try file.close()
      }
      #expect(try MappedFile(path: path).bytes.array == Array("onetwo".utf8))
      try OutputFile(path: path).close()
      #expect(try MappedFile(path: path).byteCount == 0)
    }
  }

  @Test func anEmptyFileHasNoBytes() throws {
    try withTemporaryDirectory { directory in
      try OutputFile(path: directory + "/empty").close()
      let file = try MappedFile(path: directory + "/empty")
      #expect(file.bytes.array.isEmpty)
      #expect(file.vector(at: 0, count: 0, of: Double.self).count == 0)
    }
  }

  @Test func aMappedViewOutlivesItsFile() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/values"
      let file = try OutputFile(path: path)
      try file.write(Vector<Int32>(Array(0..<5_000)))
      try file.close()
      let view = try MappedFile(path: path).vector(at: 16_000, count: 1_000, of: Int32.self)
      try FileManager.default.removeItem(atPath: path)
      #expect(view.array == Array(4_000..<5_000))
    }
  }

  @Test func releasedPagesAreReadAgain() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/values"
      let values = (0..<20_000).map { Float($0) }
      let file = try OutputFile(path: path)
      try file.write(Vector(values))
      try file.close()
      let mapped = try MappedFile(path: path)
      let view = mapped.vector(at: 0, count: values.count, of: Float.self)
      for range in [0..<0, 5..<4_000, 4_096..<8_192, 5_000..<80_000, 0..<80_000] {
        #expect(view.array == values)
        mapped.release(range)
      }
      #expect(view.array == values)
    }
  }

  @Test func errorsNameTheFileAndTheReason() throws {
    try withTemporaryDirectory { directory in
      let missing = directory + "/none"
      let error = #expect(throws: FileError.self) { try MappedFile(path: missing) }
      #expect(error?.isMissingFile == true)
      #expect(error?.description == "\(missing): cannot open: No such file or directory")
      let isDirectory = #expect(throws: FileError.self) { try MappedFile(path: directory) }
      #expect(isDirectory == FileError(path: directory, operation: "read", code: EISDIR))
      #expect(isDirectory?.isMissingFile == false)
      let inNoDirectory = #expect(throws: FileError.self) {
        try OutputFile(path: missing + "/file")
      }
      #expect(inNoDirectory?.operation == "create" && inNoDirectory?.code == ENOENT)
      let behindAFile = directory + "/file"
      try OutputFile(path: behindAFile).close()
      let notDirectory = #expect(throws: FileError.self) {
        try MappedFile(path: behindAFile + "/x")
      }
      #expect(notDirectory?.isMissingFile == true)
    }
  }

  @Test func aFullDiskIsAnError() throws {
    guard FileManager.default.fileExists(atPath: "/dev/full") else { return }
    let file = try OutputFile(path: "/dev/full")
    let error = #expect(throws: FileError.self) { try file.write("text") }
    #expect(error == FileError(path: "/dev/full", operation: "write", code: ENOSPC))
    try file.close()
  }

  @Test func aFileIsClosedOnce() throws {
    try withTemporaryDirectory { directory in
      let file = try OutputFile(path: directory + "/file")
      try file.close()
      try file.close()
      #expect(throws: FileError.self) { try file.write("late") }
      #expect(throws: FileError.self) { try file.synchronize() }
    }
  }

  @Test func directoriesAreFlushed() throws {
    try withTemporaryDirectory { directory in
      try synchronizeDirectory(directory)
      #expect(throws: FileError.self) { try synchronizeDirectory(directory + "/none") }
    }
  }

  @Test func viewsOutsideOfTheFileAreFaults() async throws {
    await #expect(processExitsWith: .failure) {
      try withTemporaryDirectory { directory in
        let file = try OutputFile(path: directory + "/file")
        try file.write("four")
        try file.close()
        _ = try MappedFile(path: directory + "/file").vector(at: 4, count: 1, of: UInt8.self)
      }
    }
  }
}
