// The header of a .safetensors file and every check that it must pass before a byte behind it is
// touched. Layout: 8 bytes of length N, little-endian; N bytes of JSON, an object from names to
// {"dtype", "shape", "data_offsets"}, padded with spaces; the tensors' bytes, end to end. The rules
// are those of the reference implementation: no holes, no overlaps, nothing after the last tensor.

import Memory

/// One tensor of a file.
public struct TensorDescription: Sendable, Equatable {
  /// Its name.
  public let name: String
  /// Its elements' format.
  public let type: ElementType
  /// Its dimensions, outermost first; none for a single number.
  public let shape: [Int]
  /// Where its bytes lie in the file, from the file's beginning.
  public let bytes: Range<Int>

  /// The number of elements.
  public var count: Int { bytes.count / type.byteCount }
}

struct SafetensorsHeader {
  /// Longer headers are refused, as by the reference implementation.
  static let maximumByteCount = 100_000_000

  /// The tensors in the order of their bytes.
  let tensors: [TensorDescription]
  /// The texts under `__metadata__`.
  let metadata: [(String, String)]

  /// Reads and checks the header of a file's bytes. Throws `StorageError` of kind malformed.
  init(of bytes: Vector<UInt8>, path: String) throws {
    let dataStart = try Self.dataStart(of: bytes, path)
    let header = bytes[8..<dataStart].array
    guard header.first == UInt8(ascii: "{") else {
      throw Self.malformed(path, "the header does not begin with \"{\"")
    }
    let members: JSONObject
    do throws(JSONError) {
      members = try JSONValue(parsing: header).object ?? [:]
    } catch {
      throw Self.malformed(path, "the header is not JSON, \(error)")
    }
    var tensors: [TensorDescription] = []
    var metadata: [(String, String)] = []
    for (name, value) in members {
      if name == "__metadata__" {
        metadata = try Self.metadata(value, path)
      } else {
        tensors.append(try Self.tensor(name, value, dataStart: dataStart, path))
      }
    }
    tensors.sort {
      ($0.bytes.lowerBound, $0.bytes.upperBound) < ($1.bytes.lowerBound, $1.bytes.upperBound)
    }
    try Self.checkLayout(of: tensors, from: dataStart, fileEnd: bytes.count, path)
    self.tensors = tensors
    self.metadata = metadata
  }

  private static func malformed(_ path: String, _ problem: String) -> StorageError {
    StorageError(.malformed, path, "not a valid safetensors file: \(problem)")
  }

  /// Where the tensors' bytes begin.
  private static func dataStart(of bytes: Vector<UInt8>, _ path: String) throws -> Int {
    if let problem = GitLFSPointer.problem(
      bytes[0..<min(GitLFSPointer.headSize, bytes.count)].array)
    {
      throw StorageError(.malformed, path, problem)
    }
    guard bytes.count >= 8 else {
      throw malformed(path, "it has \(bytes.count) bytes, fewer than the 8 of the length")
    }
    let length = bytes[0..<8].array.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= maximumByteCount else {
      throw malformed(
        path, "the header claims \(length) bytes, more than the \(maximumByteCount) allowed")
    }
    let end = 8 + Int(length)
    guard end <= bytes.count else {
      throw malformed(path, "truncated in the header: \(end) bytes wanted, \(bytes.count) found")
    }
    return end
  }

  private static func metadata(_ value: JSONValue, _ path: String) throws -> [(String, String)] {
    guard let members = value.object else {
      throw malformed(path, "__metadata__ is \(value.kind), not an object")
    }
    return try members.map { name, value in
      guard let text = value.string else {
        throw malformed(path, "__metadata__ \(excerpt(name)) is \(value.kind), not a string")
      }
      return (name, text)
    }
  }

  private static func tensor(
    _ name: String, _ value: JSONValue, dataStart: Int, _ path: String
  ) throws -> TensorDescription {
    func bad(_ problem: String) -> StorageError {
      malformed(path, "tensor \(excerpt(name)): \(problem)")
    }
    guard let typeName = value["dtype"]?.string else { throw bad("no dtype") }
    guard let type = ElementType(rawValue: typeName) else {
      throw bad("the dtype \(excerpt(typeName)) is not known")
    }
    guard let shape = value["shape"]?.array.flatMap(naturalNumbers) else {
      throw bad("the shape is not a list of whole numbers of at least 0")
    }
    guard let range = value["data_offsets"]?.array.flatMap(naturalNumbers), range.count == 2,
      range[0] <= range[1]
    else { throw bad("data_offsets is not a pair [begin, end]") }
    var size: (partialValue: Int, overflow: Bool) = (type.byteCount, false)
    for dimension in shape where !size.overflow {
      size = size.partialValue.multipliedReportingOverflow(by: dimension)
    }
    guard !size.overflow else { throw bad("the shape \(shape) is larger than any memory") }
    guard size.partialValue == range[1] - range[0] else {
      throw bad(
        "the shape \(shape) of \(typeName) takes \(size.partialValue) bytes, but data_offsets "
          + "gives \(range[1] - range[0])")
    }
    let end = range[1].addingReportingOverflow(dataStart)
    guard !end.overflow else { throw bad("data_offsets \(range) reaches beyond any file") }
    return TensorDescription(
      name: name, type: type, shape: shape, bytes: range[0] + dataStart..<end.partialValue)
  }

  private static func naturalNumbers(_ values: [JSONValue]) -> [Int]? {
    let numbers = values.compactMap(\.integer).filter { $0 >= 0 }
    return numbers.count == values.count ? numbers : nil
  }

  /// The tensors must lie end to end and fill the file.
  private static func checkLayout(
    of tensors: [TensorDescription], from dataStart: Int, fileEnd: Int, _ path: String
  ) throws {
    var end = dataStart
    var last = "the header"
    for tensor in tensors {
      let start = tensor.bytes.lowerBound
      guard start == end else {
        let problem = start < end ? "overlaps" : "leaves a hole of \(start - end) bytes after"
        throw malformed(path, "tensor \(excerpt(tensor.name)) \(problem) \(last)")
      }
      end = tensor.bytes.upperBound
      last = "tensor \(excerpt(tensor.name))"
    }
    guard end <= fileEnd else {
      throw malformed(path, "truncated: \(end) bytes wanted, \(fileEnd) found")
    }
    guard end == fileEnd else {
      throw malformed(path, "\(fileEnd - end) bytes follow the last tensor")
    }
  }
}
