import Memory

/// Collects views of tensors and writes them as one .safetensors file, which Hugging Face reads.
///
/// Nothing is copied: the views must hold their values until `write` returns.
public struct SafetensorsWriter {
  private struct Tensor {
    let name: String
    let type: ElementType
    let shape: [Int]
    let parts: [Vector<UInt8>]

    var byteCount: Int { parts.reduce(0) { $0 + $1.count } }
  }

  private let metadata: JSONObject
  private var tensors: [Tensor] = []

  /// An empty file. Hugging Face wants `format` in the metadata to know whose tensors they are.
  public init(metadata: [(String, String)] = [("format", "pt")]) {
    self.metadata = JSONObject(metadata.map { ($0, .string($1)) })
  }

  /// Adds a tensor, row-major. The product of `shape` must be the number of values.
  public mutating func add<Element: StoredElement>(
    _ name: String, shape: [Int], _ values: Vector<Element>
  ) {
    add(name, shape: shape, parts: [values])
  }

  /// Adds a tensor whose values lie in several places, one part after another.
  public mutating func add<Element: StoredElement>(
    _ name: String, shape: [Int], parts: [Vector<Element>]
  ) {
    let count = parts.reduce(0) { $0 + $1.count }
    precondition(shape.reduce(1, *) == count, "tensor \(name): \(count) values for \(shape)")
    tensors.append(
      Tensor(name: name, type: Element.elementType, shape: shape, parts: parts.map(\.bytes)))
  }

  /// Writes the file, flushed, and returns its record. Throws `FileError`.
  public func write(to path: String) throws -> FileRecord {
    let file = try HashedFile(path: path)
    try write(to: file)
    return try file.finish()
  }

  /// Writes into a file that is open. Throws `FileError`.
  public func write(to file: some ByteOutput) throws {
    // Wide elements first, as the reference implementation does: then all are aligned. The sort
    // keeps the order of what is equally wide.
    let ordered = tensors.enumerated().sorted {
      ($1.element.type.byteCount, $0.offset) < ($0.element.type.byteCount, $1.offset)
    }.map(\.element)
    var header: JSONObject = ["__metadata__": .object(metadata)]
    var end = 0
    for tensor in ordered {
      let start = end
      end += tensor.byteCount
      let isNew = header.append(
        tensor.name,
        [
          "dtype": .string(tensor.type.rawValue),
          "shape": .array(tensor.shape.map { .integer($0) }),
          "data_offsets": [.integer(start), .integer(end)],
        ])
      precondition(isNew, "two tensors are named \(tensor.name)")
    }
    var text = Array(JSONValue.object(header).text().utf8)
    text += Array(repeating: UInt8(ascii: " "), count: (8 - text.count % 8) % 8)
    try file.write(Vector([UInt64(text.count)]))
    try file.write(text)
    for part in ordered.flatMap(\.parts) { try file.write(part) }
  }
}
