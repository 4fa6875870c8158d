import Memory
import Storage

/// A safetensors file in a cache. Its metadata hold the key, which says what the tensors depend on,
/// and a checksum of the tensors.
struct CacheFile {
  /// Why a file cannot be used.
  struct Rejection: Error {
    let reason: String
  }

  private static let format = "ddp-train cache 2"

  /// A hash of the tensors' names and bytes.
  let checksum: UInt64
  private let file: SafetensorsFile

  /// Maps and checks the file. Throws `FileError` where it cannot be read, else `Rejection`.
  init(path: String, key: String) throws {
    do { file = try SafetensorsFile(path: path) } catch let error as StorageError {
      throw Rejection(reason: error.problem)
    }
    let metadata = file.metadata
    func says(_ name: String, _ value: String) -> Bool {
      metadata.contains {
        ExactName($0.0) == ExactName(name) && ExactName($0.1) == ExactName(value)
      }
    }
    guard says("format", Self.format) else {
      throw Rejection(reason: "it is no cache of this version of the program")
    }
    guard says("key", key) else {
      throw Rejection(reason: "the data or the way to encode it has changed")
    }
    let file = file
    checksum = Self.checksum(file.tensors.map { ($0.name, file.bytes(of: $0).fingerprint) })
    guard says("checksum", String(checksum, radix: 16)) else {
      throw Rejection(reason: "its checksum is wrong")
    }
  }

  /// The elements of a tensor, mapped. Throws `Rejection`.
  func elements<Element: StoredElement>(
    _ name: String, of type: Element.Type
  ) throws -> Vector<Element> {
    do { return try file.elements(name, of: type) } catch let error as StorageError {
      throw Rejection(reason: error.problem)
    }
  }

  /// Whether the file has that tensor.
  func has(_ name: String) -> Bool { file.tensor(name) != nil }

  /// Writes tensors, replacing what was there. The file appears under its name only when it is
  /// whole and on the disk, and the directory is made where it is missing. Throws `FileError`.
  static func write(_ tensors: [CacheTensor], key: String, to path: String) throws {
    let checksum = checksum(tensors.map { ($0.name, $0.fingerprint) })
    var writer = SafetensorsWriter(metadata: [
      ("format", format), ("key", key), ("checksum", String(checksum, radix: 16)),
    ])
    for tensor in tensors { tensor.add(&writer) }
    try makeDirectories(parent(of: path))
    let file = try PendingFile(path: path, isShared: true)
    try writer.write(to: file)
    try file.commit()
  }

  /// The same whatever the order of the tensors.
  private static func checksum(_ tensors: [(name: String, fingerprint: UInt64)]) -> UInt64 {
    tensors.reduce(0) { $0 &+ Fingerprint.mix(Fingerprint.hash($1.name), $1.fingerprint) }
  }
}

/// A tensor to be written into a cache.
struct CacheTensor {
  let name: String
  let fingerprint: UInt64
  let add: (inout SafetensorsWriter) -> Void

  /// - Parameter shape: nil for a list of numbers.
  init<Element: StoredElement>(_ name: String, _ values: Vector<Element>, shape: [Int]? = nil) {
    self.name = name
    fingerprint = values.fingerprint
    add = { $0.add(name, shape: shape ?? [values.count], values) }
  }
}

extension CacheFile {
  /// The lists that `CacheTensor.ragged` stored. Throws `Rejection`.
  func ragged<Element: StoredElement>(
    _ name: String, of type: Element.Type
  ) throws -> RaggedVector<Element> {
    let lists = RaggedVector(
      values: try elements(name, of: type),
      offsets: try elements("\(name).offsets", of: Int64.self))
    guard let lists else { throw Rejection(reason: "its tensors do not agree") }
    return lists
  }
}

extension CacheTensor {
  /// The two tensors of lists: their elements, and where each begins.
  static func ragged<Element: StoredElement>(
    _ name: String, _ lists: RaggedVector<Element>
  ) -> [CacheTensor] {
    [CacheTensor(name, lists.values), CacheTensor("\(name).offsets", lists.offsets)]
  }
}
