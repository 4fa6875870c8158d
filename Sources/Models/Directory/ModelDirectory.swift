// A model as a directory in the Hugging Face layout: config.json, the weights, and what says how
// the encoder was trained to be pooled. What is here: reading. Writing
// is in ModelDirectory+Save.swift.

import Foundation
import Memory
import Storage

/// The description of a model in a directory; the weights are read by `load`.
public struct ModelDirectory {
  /// The directory.
  public let path: String
  /// The whole `config.json`, unknown keys included.
  public let json: JSONObject
  /// Sizes and constants of the encoder.
  package let configuration: any EncoderConfiguration
  /// The labels of its classifier in the order of its logits, nil for an encoder alone.
  public let labels: [String]?
  /// What a sentence encoder does with hidden states; nil where it is none.
  let sentenceModules: SentenceModules?
  /// How a sentence encoder cut and changed texts; nil where it is none.
  public let sentenceSettings: SentenceSettings?

  /// Reads `config.json`, and what says how hidden states are pooled. Throws `ModelError`,
  /// `StorageError` and `FileError`.
  public init(path: String) throws {
    let file = "\(path)/config.json"
    let json = try JSONValue(contentsOf: file)
    guard let object = json.object else {
      throw ModelError.unsupported(path: file, "wanted a JSON object")
    }
    self.path = path
    self.json = object
    configuration = try makeEncoderConfiguration(json, path: file)
    labels = try Self.labels(json, path: file)
    sentenceModules = try SentenceModules(directory: path)
    sentenceSettings = try SentenceSettings(
      directory: path, modelType: configuration.modelType)
  }

  /// `id2label` as a list, if the model is a classifier.
  package static func labels(_ json: JSONValue, path: String) throws -> [String]? {
    guard let table = json["id2label"]?.object, !table.isEmpty else { return nil }
    return try (0..<table.count).map { index in
      guard let name = table[String(index)]?.string else {
        throw ModelError.unsupported(
          path: path, "id2label: wanted the keys \"0\" to \"\(table.count - 1)\" with names")
      }
      return name
    }
  }
}

extension ModelDirectory {
  /// Throws where `label2id` is not the inverse of `id2label`: one of the two is wrong, and which
  /// one decides what every logit means.
  package static func checkLabels(_ json: JSONValue, path: String) throws(ModelError) {
    guard let names = json["id2label"]?.object, let ids = json["label2id"]?.object, !ids.isEmpty
    else { return }
    for (id, name) in names {
      guard let label = name.string, let other = ids[label]?.integer else {
        throw .mismatch(
          path: path,
          "id2label calls \(id) \(name.text()), a label that label2id lacks: rename it in both")
      }
      guard String(other) == id else {
        throw .mismatch(
          path: path,
          "id2label calls \(id) \"\(label)\", but label2id gives \"\(label)\" the number \(other): the "
            + "order of the labels is not known; make label2id the inverse of the one that is right"
        )
      }
    }
    guard ids.count == names.count else {
      throw .mismatch(path: path, "label2id has \(ids.count) labels, id2label \(names.count)")
    }
  }
}

/// What `load` did with the parts that a directory may lack.
public struct LoadedParts: Sendable, Equatable {
  /// Whether the classifier came from the directory, or at least its rows of some labels.
  public var hasClassifier: Bool
  /// Labels whose rows the directory's classifier does not have; empty if the whole is new.
  public var newLabels: [String] = []
  /// The directory's labels that the model does not have.
  public var lostLabels: [String] = []
  /// Whether the pooler did; true if the model has none.
  public var hasPooler: Bool

  /// Which parts the directory had.
  public init(hasClassifier: Bool, hasPooler: Bool) {
    self.hasClassifier = hasClassifier
    self.hasPooler = hasPooler
  }
}

extension ModelDirectory {
  /// Fills the model's parameters from the weights' file. Keys may have the encoder's prefix or
  /// not, LayerNorm may be named `gamma` and `beta`; tensors that the model has no use for
  /// are passed over.
  ///
  /// Of the classifier, the rows of those `labels` are loaded that the directory has, in whatever
  /// order. Other rows and a pooler that is missing are left as they are: the caller initializes
  /// them.
  /// Throws `ModelError`, `StorageError` and `FileError`.
  public func load(into model: EncoderClassifier, labels: [String]) throws -> LoadedParts {
    let source = try TensorSource(directory: path)
    var parts = LoadedParts(hasClassifier: false, hasPooler: true)
    for slot in model.layout.slots where !slot.isHead {
      guard let name = storedName(of: slot.name, in: source) else {
        guard slot.part == .pooler else {
          throw ModelError.missingTensor(path: source.path, name: slot.name)
        }
        parts.hasPooler = false
        continue
      }
      try copy(name, of: source, into: slot, of: model)
    }
    if let stored = self.labels,
      model.layout.slots.allSatisfy({ $0.part != .classifier || source.tensor($0.name) != nil })
    {
      let (mine, theirs) = (Set(labels.map(ExactName.init)), Set(stored.map(ExactName.init)))
      guard !mine.isDisjoint(with: theirs) else { return parts }
      try Self.checkLabels(.object(json), path: "\(path)/config.json")
      try loadClassifier(of: source, stored: stored, into: model, labels: labels)
      parts.hasClassifier = true
      parts.newLabels = labels.filter { !theirs.contains(ExactName($0)) }
      parts.lostLabels = stored.filter { !mine.contains(ExactName($0)) }
    }
    return parts
  }

  private func copy(
    _ name: String, of source: TensorSource, into slot: ParameterSlot, of model: EncoderClassifier
  ) throws {
    let found = source.tensor(name)?.shape ?? []
    guard found == slot.shape else {
      if slot.name.hasSuffix("word_embeddings.weight"), found.last == slot.shape.last {
        throw ModelError.mismatch(
          path: source.path,
          "\(name) has \(found[0]) rows, but vocab_size in config.json is \(slot.shape[0])")
      }
      throw ModelError.wrongShape(path: source.path, name: name, wanted: slot.shape, found: found)
    }
    try source.copy(name, shape: slot.shape, into: model.parameters[slot.range])
  }

  /// The name under which a tensor is stored: the present one, without the encoder's prefix, or
  /// an old one.
  private func storedName(of name: String, in source: TensorSource) -> String? {
    let prefix = configuration.tensorPrefix
    let short = name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name
    let names = [name, short].flatMap { [$0, Self.olderName(of: $0)] }
    return names.first { source.tensor($0) != nil }
  }

  /// LayerNorm's names in checkpoints converted from TensorFlow.
  private static func olderName(of name: String) -> String {
    name.replacingOccurrences(of: "LayerNorm.weight", with: "LayerNorm.gamma")
      .replacingOccurrences(of: "LayerNorm.bias", with: "LayerNorm.beta")
  }

  /// Copies the classifier row by row, from the directory's order of labels to the data's.
  private func loadClassifier(
    of source: TensorSource, stored: [String], into model: EncoderClassifier, labels: [String]
  ) throws {
    let place = Dictionary(
      stored.enumerated().map { (ExactName($1), $0) }, uniquingKeysWith: { first, _ in first })
    for slot in model.layout.slots where slot.isHead {
      // A classifier on the mean of hidden states: attention begins at 0, which gives
      // the same logits.
      if slot.part == .labelAttention, source.tensor(slot.name) == nil { continue }
      let width = slot.range.count / labels.count
      let values = Vector<Float>(zeros: stored.count * width)
      let found = source.tensor(slot.name)?.shape ?? []
      let wanted = [stored.count] + slot.shape.dropFirst()
      guard found == wanted else {
        throw ModelError.wrongShape(
          path: source.path, name: slot.name, wanted: wanted, found: found)
      }
      try source.copy(slot.name, shape: wanted, into: values)
      let target = model.parameters[slot.range].matrix(labels.count, width)
      for (row, label) in labels.enumerated() {
        guard let from = place[ExactName(label)] else { continue }
        target.row(row).copy(from: values.matrix(stored.count, width).row(from))
      }
    }
  }
}
