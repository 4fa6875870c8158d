import Foundation
import Memory

/// The tensors of a model: one .safetensors file, or several joined by an index.
public struct TensorSource {
  /// The names, file after file, in the order of the tensors' bytes.
  public let names: [String]
  /// What to name in messages: the file, or the index.
  public let path: String
  private let files: [SafetensorsFile]
  private let places: [ExactName: Int]

  /// The tensors of one file.
  public init(_ file: SafetensorsFile) { self.init([file], path: file.path) }

  /// The tensors of several files; if more than one has a name, that of the first.
  public init(_ files: [SafetensorsFile], path: String) {
    self.path = path
    self.files = files
    var (names, places) = ([String](), [ExactName: Int]())
    for (index, file) in files.enumerated() {
      for name in file.tensors.map(\.name) where places[ExactName(name)] == nil {
        places[ExactName(name)] = index
        names.append(name)
      }
    }
    (self.names, self.places) = (names, places)
  }

  /// Opens the model in a directory of the Hugging Face layout: `model.safetensors`, else what
  /// `model.safetensors.index.json` lists. Throws `FileError` and `StorageError`.
  public init(directory: String) throws {
    let single = "\(directory)/model.safetensors"
    let index = "\(single).index.json"
    if fileKind(single) == nil, fileKind(index) != nil {
      try self.init(index: index)
    } else if fileKind(single) == nil {
      let hasPickle = fileKind("\(directory)/pytorch_model.bin") != nil
      let advice =
        hasPickle
        ? "; convert pytorch_model.bin: python3 -c \"from transformers import AutoModel; "
          + "AutoModel.from_pretrained('\(directory)').save_pretrained('\(directory)')\""
        : ""
      throw StorageError(
        .missing, directory,
        "holds neither model.safetensors nor model.safetensors.index.json\(advice)")
    } else {
      self.init(try SafetensorsFile(path: single))
    }
  }

  /// Opens the files that an index lists; they stand beside it. Tensors that the index does not
  /// list are passed over. Throws `FileError` and `StorageError`.
  public init(index path: String) throws {
    guard let map = try JSONValue(contentsOf: path)["weight_map"]?.object else {
      throw StorageError(.malformed, path, "has no object \"weight_map\"")
    }
    var files: [SafetensorsFile] = []
    var fileIndex: [ExactName: Int] = [:]
    var places: [ExactName: Int] = [:]
    for (name, value) in map {
      guard let fileName = value.string, isPlainName(fileName) else {
        throw StorageError(
          .malformed, path,
          "tensor \(excerpt(name)) is not given the name of a file beside the index")
      }
      let place = fileIndex[ExactName(fileName)] ?? files.count
      if place == files.count {
        files.append(try SafetensorsFile(path: sibling(fileName, of: path)))
        fileIndex[ExactName(fileName)] = place
      }
      guard files[place].tensor(name) != nil else {
        throw StorageError(
          .mismatch, path, "tensor \(excerpt(name)) is not in \(excerpt(fileName)), as listed")
      }
      places[ExactName(name)] = place
    }
    self.path = path
    self.files = files
    self.places = places
    names = files.indices.flatMap { index in
      files[index].tensors.map(\.name).filter { places[ExactName($0)] == index }
    }
  }

  /// The tensor of that name, or nil.
  public func tensor(_ name: String) -> TensorDescription? {
    places[ExactName(name)].flatMap { files[$0].tensor(name) }
  }

  /// As `SafetensorsFile.copy`.
  public func copy(_ name: String, shape: [Int]? = nil, into values: Vector<Float>) throws {
    guard let place = places[ExactName(name)] else {
      throw StorageError(.mismatch, path, "tensor \(excerpt(name)) is not in the file")
    }
    try files[place].copy(name, shape: shape, into: values)
  }
}
