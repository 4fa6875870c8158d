// What a saved model brings for Hugging Face to run, where that does not know the model: a type of
// its own in config.json, so that nothing takes it for the plain encoder, and Python files for it.

import Foundation
import Storage

/// A Python file that a saved model brings.
struct PythonFile {
  /// The file's name without ".py".
  let module: String
  let content: [UInt8]

  /// The classes of a model's configuration and of the model, of every family and with every head.
  static var withHead: PythonFile {
    PythonFile(module: "modeling_ddp_train", content: PackageResources.modeling_ddp_train_py)
  }

  /// The classes of models with a linear part, and their pipeline; needs the file before.
  static var withTfidf: PythonFile {
    PythonFile(
      module: "modeling_ddp_train_tfidf", content: PackageResources.modeling_ddp_train_tfidf_py)
  }
}

extension Pooling {
  /// Whether Hugging Face's own class for the encoder's family computes this head.
  package var isOwnHead: Bool { self == .cls }

  /// The heads of models that version 0.1.0 saved, by the class that their config.json names.
  static let byFormerClass: [String: Pooling] = [
    "MeanPoolingBertForSequenceClassification": .mean,
    "LabelAttentionBertForSequenceClassification": .labelAttention,
  ]
}

extension ModelDescription {
  /// What stands before the family's type in the `model_type` of an encoder whose head or linear
  /// part Hugging Face does not know.
  static let ownTypePrefix = "ddp_train_"
  /// The key of `config.json` that names the head of such a model.
  static let poolingKey = "pooling"

  /// The family's `model_type`.
  static func familyType(of json: JSONValue) -> String {
    let type = json["model_type"]?.string ?? "bert"
    guard type.hasPrefix(ownTypePrefix) else { return type }
    let family = String(type.dropFirst(ownTypePrefix.count))
    return family.replacingOccurrences(of: "_", with: "-")
  }

  /// Whether a `config.json` describes a model that brings its own head.
  static func hasOwnType(_ json: JSONObject) -> Bool {
    json["model_type"]?.string?.hasPrefix(ownTypePrefix) == true
  }

  /// Whether Hugging Face loads the model by code that it brings.
  package var needsRemoteCode: Bool { !pooling.isOwnHead || hasLinearPart }

  var pythonFiles: [PythonFile] {
    guard needsRemoteCode else { return [] }
    return hasLinearPart ? [.withHead, .withTfidf] : [.withHead]
  }

  /// Says in a model's `config.json` which class loads it.
  func nameClasses(in json: inout JSONObject) {
    for key in ["auto_map", "custom_pipelines", Self.poolingKey] { json[key] = nil }
    let className = configuration.className
    guard needsRemoteCode else {
      json["architectures"] = [.string(className)]
      return
    }
    let (head, tfidf) = (PythonFile.withHead.module, PythonFile.withTfidf.module)
    let name = "DDPTrain\(hasLinearPart ? "Tfidf" : "")\(className)"
    let config = className.replacingOccurrences(of: "ForSequenceClassification", with: "Config")
    let family = configuration.modelType.replacingOccurrences(of: "-", with: "_")
    json["model_type"] = .string(Self.ownTypePrefix + family)
    json[Self.poolingKey] = .string(pooling.rawValue)
    json["architectures"] = [.string(name)]
    json["auto_map"] = [
      "AutoConfig": .string("\(head).DDPTrain\(config)"),
      "AutoModelForSequenceClassification": .string("\(hasLinearPart ? tfidf : head).\(name)"),
    ]
    guard hasLinearPart else { return }
    json["custom_pipelines"] = [
      "text-classification": [
        "impl": .string("\(tfidf).TfidfTextClassificationPipeline"),
        "pt": ["AutoModelForSequenceClassification"], "tf": [],
      ]
    ]
  }
}
