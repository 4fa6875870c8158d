// An encoder of any family: from a directory in the Hugging Face layout, or a shape with random
// weights.

import Configuration
import Kernels
import Memory
import Models
import Objectives
import Storage
import Text

/// The encoder that a configuration names, before its weights are read.
struct BertSource: ModelSource {
  let name: String
  /// The directory; nil for random weights.
  let directory: ModelDirectory?
  /// The encoder, with the dropout that the run asks for.
  let configuration: any EncoderConfiguration
  let pooling: Pooling
  let freezing: EncoderFreezing
  /// The `config.json` that saved models keep unknown keys of.
  let original: JSONObject
  /// Whether a part that reads TF-IDF features stands beside it.
  private let hasLinearPart: Bool
  /// Tokens of the longest rows.
  private let maxLength: Int

  /// Reads the model's description. Throws the errors of `ModelDirectory`.
  init(_ settings: ModelSettings, freezing: EncoderFreezing = .nothing) throws {
    var configuration: any EncoderConfiguration
    if let path = settings.nameOrPath.map(modelDirectory) {
      let directory = try ModelDirectory(path: path)
      self.directory = directory
      name = path
      original = directory.json
      configuration = directory.configuration
    } else {
      let json = settings.config ?? JSONObject()
      directory = nil
      name = "model.config"
      original = json
      configuration = try makeEncoderConfiguration(.object(json), path: "model.config")
    }
    configuration.hiddenDropout = settings.hiddenDropout
    configuration.attentionDropout = settings.attentionDropout
    configuration.classifierDropout =
      settings.classifierDropout ?? configuration.classifierDropout
    self.configuration = configuration
    hasLinearPart = settings.tfidf != nil
    maxLength = settings.maxLength
    pooling =
      switch settings.pooling {
      case .auto: try directory?.pooling() ?? .cls
      case .cls: .cls
      case .mean: .mean
      case .first: .first
      case .labelAttention: .labelAttention
      }
    self.freezing = try Self.checked(freezing, configuration, pooling)
  }

  /// All layers frozen, and no pooler to train, is everything. A head that reads all hidden states,
  /// and not one vector of a row, is trained above frozen layers, which compute them again
  /// in each step.
  private static func checked(
    _ freezing: EncoderFreezing, _ configuration: any EncoderConfiguration, _ pooling: Pooling
  ) throws(ConfigurationError) -> EncoderFreezing {
    if freezing == .everything, pooling == .labelAttention {
      return .layers(configuration.layerCount)
    }
    guard case .layers(let count) = freezing else { return freezing }
    guard count <= configuration.layerCount else {
      throw .invalid(
        source: "configuration",
        problems: [
          ConfigurationProblem(
            key: "training.freeze_encoder",
            message: "is \(count), but the encoder has \(configuration.layerCount) layers")
        ])
    }
    return count == configuration.layerCount && [.mean, .first].contains(pooling)
      ? .everything : freezing
  }

  func rowEncoder(_ settings: ModelSettings, _ inputs: SharedInputs) throws -> RowEncoder {
    let tokenizer = try inputs.tokenizer(settings) {
      guard let vocabulary = settings.vocab else { return try loadTokenizer(directory: name) }
      return try WordPieceTokenizer(vocabularyFile: vocabulary)
    }
    try check(tokenizer, maxLength: settings.maxLength)
    return try RowEncoder(
      tokenizer, maxLength: settings.maxLength, keepsTexts: settings.tfidfSettings != nil)
  }

  /// Throws unless the tokenizer's ids and rows of `maxLength` tokens have embeddings.
  private func check(_ tokenizer: any Tokenizer, maxLength: Int) throws {
    try configuration.check(tokenizer, path: name)
    guard maxLength <= configuration.maximumPositions else {
      throw ConfigurationError.invalid(
        source: "configuration",
        problems: [
          ConfigurationProblem(
            key: "model.max_length",
            message: "is \(maxLength), but the model has positions for "
              + "\(configuration.maximumPositions) tokens (max_position_embeddings); lower it")
        ])
    }
  }

  var summary: String {
    (configuration.modelType == "bert" ? "" : "\(configuration.modelType), ")
      + "\(configuration.layerCount) layers × \(configuration.hiddenSize), "
      + (pooling == .labelAttention ? "label attention" : "\(pooling.rawValue) pooling")
  }

  var hiddenSize: Int? { configuration.hiddenSize }

  private func description(labels: [String]) -> ModelDescription {
    ModelDescription(
      original: original, configuration: configuration, pooling: pooling, labels: labels,
      hasLinearPart: hasLinearPart)
  }

  var usage: ModelUsage { ModelUsage(description(labels: [])) }

  /// From the directory if it has the weights, else new.
  func model(for experiment: Experiment) throws -> (model: EncoderClassifier, parts: LoadedParts) {
    let settings = experiment.configuration
    var options = ClassifierOptions(
      pooling: pooling, labelCount: experiment.task.labels.count, longestRow: experiment.longestRow,
      precision: settings.training.precision.products, freezing: freezing)
    options.linear = experiment.linearPart
    let model = EncoderClassifier(configuration, options)
    let seed = UInt64(settings.training.seed)
    guard let directory else {
      model.initializeParameters(seed: seed) { _ in true }
      model.setClassifierBias(experiment.classifierBias)
      return (model, LoadedParts(hasClassifier: false, hasPooler: false))
    }
    // What the directory has replaces the new values, row by row of the classifier.
    model.initializeParameters(seed: seed) { $0.isHead || $0.part == .pooler }
    model.setClassifierBias(experiment.classifierBias)
    return (model, try directory.load(into: model, labels: experiment.task.labels))
  }

  func notes(_ parts: LoadedParts) -> [String] {
    guard let directory else { return [] }
    var notes: [String] = []
    if freezing == .layers(configuration.layerCount), pooling == .labelAttention {
      notes.append(
        "the encoder is frozen; label attention reads all its hidden states, which are too many to "
          + "keep: each step computes them again")
    }
    if !directory.unusedModules.isEmpty {
      notes.append(
        "the directory's \(directory.unusedModules.joined(separator: " and ")) is left out: the "
          + "classifier reads the hidden states as they are pooled")
    }
    notes += sentenceNotes(directory)
    if !parts.hasPooler { notes.append("the directory has no pooler; a new one is trained") }
    if fileKind("\(directory.path)/\(LinearPart.fileName)") != nil {
      notes.append("the directory's linear part is left out; model.tfidf trains a new one")
    }
    return notes
  }

  /// Where a sentence encoder was trained on other texts than it is given here.
  private func sentenceNotes(_ directory: ModelDirectory) -> [String] {
    guard let settings = directory.sentenceSettings else { return [] }
    var notes: [String] = []
    if let longest = settings.maximumLength, longest < maxLength {
      notes.append(
        "the sentence encoder was trained on rows of at most \(longest) tokens; model.max_length "
          + "is \(maxLength)")
    }
    if settings.lowercases {
      notes.append(
        "the sentence encoder lowercased texts (do_lower_case in sentence_bert_config.json); here "
          + "its tokenizer reads them as they are")
    }
    return notes
  }

  func isWhole(at path: String) -> Bool {
    guard let saved = try? ModelDirectory(path: path) else { return false }
    var configuration = saved.configuration
    configuration.hiddenDropout = self.configuration.hiddenDropout
    configuration.attentionDropout = self.configuration.attentionDropout
    configuration.classifierDropout = self.configuration.classifierDropout
    return (try? saved.pooling()) == pooling
      && JSONValue.object(configuration.json) == .object(self.configuration.json)
  }

  func save(
    _ model: EncoderClassifier, labels: [String], into directory: PendingDirectory
  ) throws -> [FileRecord] {
    try model.save(description(labels: labels), into: directory)
  }
}

extension EncoderConfiguration {
  /// Throws unless every id of the tokenizer has an embedding. `path` is the model's, for messages.
  package func check(_ tokenizer: any Tokenizer, path: String) throws(ModelError) {
    guard tokenizer.vocabularyCount <= vocabularySize else {
      throw .mismatch(
        path: path,
        "the tokenizer has \(tokenizer.vocabularyCount) entries, but vocab_size in config.json is "
          + "\(vocabularySize): the vocabulary belongs to another model")
    }
  }
}
