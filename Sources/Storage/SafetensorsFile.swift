import Memory

/// A .safetensors file, mapped and checked: opening it reads the header only.
public struct SafetensorsFile {
  /// The tensors in the order of their bytes.
  public let tensors: [TensorDescription]
  /// The texts that the file carries beside its tensors.
  public let metadata: [(String, String)]
  /// The file's path, for messages.
  public let path: String
  private let bytes: Vector<UInt8>
  /// nil where the bytes are in memory.
  private let file: MappedFile?
  private let places: [ExactName: Int]

  /// Opens the file. Throws `FileError` where it cannot be read, and `StorageError` of kind
  /// malformed where its header is not sound or the file is not as long as the header says.
  public init(path: String) throws {
    let file = try MappedFile(path: path)
    try self.init(bytes: file.bytes, path: path, file: file)
  }

  /// Opens a file whose bytes are in memory; `path` is what messages call
  /// it. Throws `StorageError`.
  public init(bytes: Vector<UInt8>, path: String) throws {
    try self.init(bytes: bytes, path: path, file: nil)
  }

  private init(bytes: Vector<UInt8>, path: String, file: MappedFile?) throws {
    self.file = file
    let header = try SafetensorsHeader(of: bytes, path: path)
    self.bytes = bytes
    self.path = path
    tensors = header.tensors
    metadata = header.metadata
    places = Dictionary(
      uniqueKeysWithValues: header.tensors.enumerated().map { (ExactName($1.name), $0) })
  }

  /// The tensor of that name, or nil.
  public func tensor(_ name: String) -> TensorDescription? {
    places[ExactName(name)].map { tensors[$0] }
  }

  /// Copies a tensor's numbers, row-major, turned into Float from F32, F16, BF16 or F64.
  ///
  /// Throws `StorageError` of kind mismatch where there is no such tensor, where its shape is not
  /// `shape` (or, without one, its count not that of `values`), or where it holds no such numbers;
  /// of kind malformed where one of them is NaN or infinite, which no weight is that somebody
  /// trained.
  public func copy(_ name: String, shape: [Int]? = nil, into values: Vector<Float>) throws {
    let tensor = try checked(name, shape: shape, count: values.count)
    guard let format = tensor.type.floatFormat else {
      throw mismatch(name, "holds \(tensor.type.rawValue), but F32, F16, BF16 or F64 is wanted")
    }
    var firstFault: Int?
    forEachPiece(of: tensor) { elements, piece in
      values[elements].copy(from: bytes[piece], format: format)
      firstFault =
        firstFault
        ?? values[elements].firstNonFiniteIndex.map { $0 + elements.lowerBound }
    }
    if let firstFault {
      throw StorageError(
        .malformed, path,
        "tensor \(excerpt(name)) holds \(values[firstFault]) (element \(firstFault)): the training that "
          + "wrote it has diverged, or the file is damaged; take another")
    }
  }

  /// Copies a tensor's elements bit for bit; its format must be that of `Element`.
  /// Throws as `copy`.
  public func copyExactly<Element: StoredElement>(
    _ name: String, into values: Vector<Element>
  ) throws {
    let tensor = try typed(name, Element.self, count: values.count)
    forEachPiece(of: tensor) { elements, piece in
      values[elements].copy(fromBytes: bytes[piece])
    }
  }

  /// A tensor's elements in the mapped file, read-only; a copy where they lie in memory already or
  /// are not aligned. Throws as `copyExactly`.
  public func elements<Element: StoredElement>(
    _ name: String, of type: Element.Type
  ) throws -> Vector<Element> {
    let tensor = try typed(name, type, count: nil)
    if let file, tensor.bytes.lowerBound % MemoryLayout<Element>.alignment == 0 {
      return file.vector(at: tensor.bytes.lowerBound, count: tensor.count, of: type)
    }
    let copy = Vector<Element>(zeros: tensor.count)
    copy.copy(fromBytes: bytes[tensor.bytes])
    return copy
  }

  /// A tensor's bytes.
  public func bytes(of tensor: TensorDescription) -> Vector<UInt8> { bytes[tensor.bytes] }

  private func typed<Element: StoredElement>(
    _ name: String, _ type: Element.Type, count: Int?
  ) throws -> TensorDescription {
    let tensor = try checked(name, shape: nil, count: count)
    guard tensor.type == type.elementType else {
      throw mismatch(
        name, "holds \(tensor.type.rawValue), but \(type.elementType.rawValue) is wanted")
    }
    return tensor
  }

  /// Runs `body` for the tensor's elements and their bytes, some megabytes at a time, and gives
  /// what was read of the file back: else loading a model would hold it in memory twice.
  private func forEachPiece(
    of tensor: TensorDescription, _ body: (_ elements: Range<Int>, _ bytes: Range<Int>) -> Void
  ) {
    let width = tensor.bytes.count / max(tensor.count, 1)
    for first in stride(from: 0, to: tensor.count, by: 1 << 20) {
      let elements = first..<min(first + 1 << 20, tensor.count)
      let start = tensor.bytes.lowerBound
      let piece = start + elements.lowerBound * width..<start + elements.upperBound * width
      body(elements, piece)
      file?.release(piece)
    }
  }

  private func checked(_ name: String, shape: [Int]?, count: Int?) throws -> TensorDescription {
    guard let tensor = tensor(name) else { throw mismatch(name, "is not in the file") }
    if let shape, shape != tensor.shape {
      throw mismatch(name, "has the shape \(tensor.shape), but \(shape) is wanted")
    }
    if let count, tensor.count != count {
      throw mismatch(
        name,
        "has the shape \(tensor.shape), \(tensor.count) elements, but \(count) elements are wanted")
    }
    return tensor
  }

  private func mismatch(_ name: String, _ problem: String) -> StorageError {
    StorageError(.mismatch, path, "tensor \(excerpt(name)) \(problem)")
  }
}
