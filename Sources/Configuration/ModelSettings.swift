import Storage

/// The section `model`: which encoder, and how its output becomes a classifier's input.
public struct ModelSettings: Sendable, Equatable {
  /// The kinds of models.
  public enum Kind: String, Sendable, CaseIterable {
    /// An encoder of any family with a classifier.
    case bert
    /// Features of words, and a weight for each feature and label.
    case linear
  }

  /// How logits come from the hidden states of a row.
  public enum Pooling: String, Sendable, CaseIterable {
    /// As the encoder's directory says that it was trained, else `cls`.
    case auto
    /// The head of the family's own class; for a BERT its pooler, dense and tanh on the first
    /// token.
    case cls
    /// The mean of the last hidden states; no pooler.
    case mean
    /// The last hidden state of the first token; no pooler.
    case first
    /// For each label a mean of its own, weighted by attention to the row's tokens.
    case labelAttention = "label_attention"
  }

  /// The bias that a new classifier begins with.
  public enum BiasInitialization: String, Sendable, CaseIterable {
    /// For each label the constant that minimizes the chosen loss on the training labels.
    case prior
    /// 0.
    case zero
  }

  /// What kind of model is trained.
  public var kind = Kind.bert
  /// Of a linear model: its features and their weights.
  public var linear = LinearSettings()
  /// Of a BERT: a linear part whose logits are added to the classifier's; nil for none.
  public var tfidf: LinearSettings?
  /// A directory in the Hugging Face layout; nil if `config` and `vocab` take its place.
  public var nameOrPath: String?
  /// The keys of a BERT `config.json`, for an encoder that starts from random weights.
  public var config: JSONObject?
  /// Path of a `vocab.txt` or `tokenizer.json`, beside `config`.
  public var vocab: String?
  /// Most tokens of a row, [CLS] and [SEP] included; what is beyond is cut off.
  public var maxLength = 256
  /// Dropout after the embeddings and after each sublayer.
  public var hiddenDropout = 0.1
  /// Dropout on the attention's probabilities.
  public var attentionDropout = 0.1
  /// Dropout before the classifier; nil as the encoder's `classifier_dropout` says, and if that
  /// says nothing, `hiddenDropout`.
  public var classifierDropout: Double?
  /// How logits come from the hidden states of a row.
  public var pooling = Pooling.auto
  /// The bias that a new classifier begins with.
  public var classifierBias = BiasInitialization.prior

  /// The defaults; the encoder is not named yet.
  public init() {}

  /// The TF-IDF features that the model reads; nil if it reads none.
  public var tfidfSettings: LinearSettings? { kind == .linear ? linear : tfidf }
}

extension ModelSettings: Settings {
  static let keys: [SettingsKey<Self>] = [
    SettingsKey("type", \.kind, .choice)
      .means("An encoder, or a linear model on TF-IDF features."),
    SettingsKey(
      "linear", inner: LinearSettings.paths,
      read: { json, section, reader in
        guard let json, json != .null, let value = reader.value(json, .linear) else { return }
        section.linear = value
      },
      write: { section -> JSONValue? in
        // A plain nil would be JSON's null.
        section.kind == .linear ? section.linear.json : JSONValue?.none
      }
    )
    .formed(SettingForm<LinearSettings>.linear.orNull.schema)
    .means("The features and weights of a linear model."),
    SettingsKey("tfidf", \.tfidf, .tfidf)
      .means("TF-IDF features beside the encoder, trained jointly."),
    SettingsKey("name_or_path", \.nameOrPath, orNull: .text("a model's directory"))
      .means("The directory of a pretrained encoder in the Hugging Face layout."),
    SettingsKey("config", \.config, orNull: .bertConfiguration)
      .means("The keys of a config.json, for random weights."),
    SettingsKey("vocab", \.vocab, orNull: .text("a vocabulary's path"))
      .means("The vocabulary that goes with config."),
    SettingsKey(
      "max_length", \.maxLength, .integer(.atLeast(3), because: "[CLS], one token, [SEP]")
    )
    .means("Tokens of a row; longer texts are cut."),
    SettingsKey("hidden_dropout_prob", \.hiddenDropout, .dropout)
      .means("Dropout of hidden states."),
    SettingsKey("attention_probs_dropout_prob", \.attentionDropout, .dropout)
      .means("Dropout of attention probabilities."),
    SettingsKey("classifier_dropout", \.classifierDropout, orNull: .dropout)
      .means("Dropout before the classifier."),
    SettingsKey("pooling", \.pooling, .choice)
      .means("How logits come from the hidden states of a row."),
    SettingsKey("classifier_bias_init", \.classifierBias, .choice)
      .means("The bias that a new classifier begins with."),
  ]

  mutating func finish(_ reader: SettingsReader) {
    guard kind == .bert else { return checkLinear(reader) }
    // Null is what a resolved config says, a checkpoint's too.
    if reader.isGiven("linear"), reader.given("linear") != .null {
      reader.report("linear", "goes with \"type\": \"linear\"; beside a BERT it is called tfidf")
    }
    checkSource(reader)
    // A configuration that states its dropout means it, and these keys' defaults must not overrule
    // what the user wrote. Families have names of their own for them.
    for name in ["hidden_dropout_prob", "dropout", "mlp_dropout"] {
      takeDropout(name, as: "hidden_dropout_prob", \.hiddenDropout, reader)
    }
    for name in ["attention_probs_dropout_prob", "attention_dropout"] {
      takeDropout(name, as: "attention_probs_dropout_prob", \.attentionDropout, reader)
    }
  }

  /// A linear model has no encoder. The defaults of an encoder's keys may stand there: a resolved
  /// configuration states them.
  private func checkLinear(_ reader: SettingsReader) {
    let defaults = Self()
    for key in Self.keys where !["type", "linear", "classifier_bias_init"].contains(key.name) {
      guard reader.isGiven(key.name), key.write(self) != key.write(defaults) else { continue }
      reader.report(
        key.name, "goes with \"type\": \"bert\"; a linear model has no encoder: leave it out")
    }
  }

  private func checkSource(_ reader: SettingsReader) {
    /// Of a key without a value: whether that is because what is given is wrong.
    func isReported(_ key: String) -> Bool { (reader.given(key) ?? .null) != .null }
    switch (nameOrPath != nil, config != nil, vocab != nil) {
    case (true, false, false), (false, true, true): break
    case (true, true, _): reader.report("name_or_path", "excludes config; give one of the two")
    case (true, false, true):
      reader.report("vocab", "belongs to config; with name_or_path the directory's own is used")
    case (false, true, false):
      guard !isReported("vocab") else { return }
      reader.report("vocab", "is missing; config needs the path of a vocab.txt or tokenizer.json")
    case (false, false, _):
      guard !isReported("name_or_path"), !isReported("config") else { return }
      reader.report("name_or_path", "is missing; give the directory of an encoder")
    }
  }

  private mutating func takeDropout(
    _ name: String, as key: String, _ property: WritableKeyPath<Self, Double>,
    _ reader: SettingsReader
  ) {
    guard !reader.isGiven(key), let json = config?[name] else { return }
    let form = SettingForm<Double>.dropout
    if let value = form.read(json, reader) {
      self[keyPath: property] = value
    } else {
      reader.report("config.\(name)", "wanted \(form.wanted), found \(json.text())")
    }
  }
}

extension SettingForm<Double> {
  /// A dropout probability.
  fileprivate static var dropout: Self {
    .number(.atLeast(0).below(1), because: "the share of values that is set to 0")
  }
}

extension SettingForm<JSONObject> {
  /// The keys of a BERT `config.json`. The model checks them, because it alone knows them.
  fileprivate static var bertConfiguration: Self {
    SettingForm(
      wanted: "an object with the keys of an encoder's config.json", schema: ["type": "object"],
      read: { json, _ in json.object }, write: { .object($0) })
  }
}
