import Storage

/// The key `loss.pos_weight`: how the weight of each label's positives is found. With n the rows
/// and n⁺ the positives of a label in the training data.
public struct PositiveWeightSettings: Sendable, Equatable {
  /// Where the weights come from.
  public enum Source: Sendable, Equatable {
    /// 1 for all labels.
    case none
    /// The same for all labels.
    case constant(Double)
    /// scale / √(temperature · n⁺).
    case inverseSquareRoot(temperature: Double, scale: Double)
    /// n⁻ / n⁺, with n⁻ = n − n⁺.
    case negativesToPositives
    /// √(n⁻ / n⁺).
    case squareRootOfNegativesToPositives
    /// (1 − β) / (1 − β^n⁺), scaled to mean 1.
    case effectiveNumber(beta: Double)
    /// A JSON file, label → weight.
    case file(String)
  }

  /// Where the weights come from.
  public var source: Source
  /// Smaller weights are raised to this.
  public var minimum: Double?
  /// Larger weights are lowered to this.
  public var maximum: Double?

  /// Weights from `source`, clamped to `minimum...maximum`.
  public init(
    _ source: Source = .inverseSquareRoot(temperature: 0.16, scale: 70), minimum: Double? = nil,
    maximum: Double? = nil
  ) {
    self.source = source
    self.minimum = minimum
    self.maximum = maximum
  }
}

extension SettingForm<PositiveWeightSettings> {
  /// `"none"`, a number, a scheme's name, or an object with `scheme` or `file`.
  static var positiveWeight: Self {
    SettingForm(
      wanted: """
        "none", a number greater than 0, {"scheme": …} with \(PositiveWeightKeys.schemes), \
        or {"file": …}
        """,
      inner: PositiveWeightKeys.paths,
      read: { json, reader in
        switch json {
        case .integer, .double:
          json.number.flatMap { $0 > 0 ? PositiveWeightSettings(.constant($0)) : nil }
        case .string(let name):
          PositiveWeightKeys.Scheme(rawValue: name).map {
            PositiveWeightKeys(scheme: $0).settings
          }
        case .object: reader.section(PositiveWeightKeys.self, from: json)?.settings
        case .null, .bool, .array: nil
        }
      },
      write: { PositiveWeightKeys.json($0) })
  }
}

/// The object form, as it stands in the file.
private struct PositiveWeightKeys: Settings {
  enum Scheme: String, CaseIterable {
    case none
    case inverseSquareRoot = "inverse_sqrt"
    case negativesToPositives = "neg_pos"
    case squareRootOfNegativesToPositives = "sqrt_neg_pos"
    case effectiveNumber = "effective_number"
  }

  // Without scheme and file, as after `--set loss.pos_weight.scale=35`, the default scheme is meant.
  var scheme = Scheme.inverseSquareRoot
  var temperature = 0.16
  var scale = 70.0
  var beta = 0.999
  var file: String?
  var minimum: Double?
  var maximum: Double?

  static let schemes = Scheme.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")

  static let keys: [SettingsKey<Self>] = [
    SettingsKey("scheme", \.scheme, .choice),
    SettingsKey("temperature", \.temperature, .number(.above(0))),
    SettingsKey("scale", \.scale, .amount(.above(0))),
    SettingsKey("beta", \.beta, .number(.above(0).below(1))),
    SettingsKey("file", \.file, orNull: .text("the path of a JSON file")),
    SettingsKey("min", \.minimum, orNull: .number(.above(0))),
    SettingsKey("max", \.maximum, orNull: .number(.above(0))),
  ]

  init() {}

  init(scheme: Scheme) {
    self.scheme = scheme
  }

  mutating func finish(_ reader: SettingsReader) {
    if file != nil, reader.isGiven("scheme") {
      reader.report("file", "excludes scheme; give one of the two")
    }
    let owners: [(key: String, scheme: Scheme)] = [
      ("temperature", .inverseSquareRoot), ("scale", .inverseSquareRoot),
      ("beta", .effectiveNumber),
    ]
    for (key, owner) in owners where reader.isGiven(key) && (file != nil || scheme != owner) {
      reader.report(key, "belongs to the scheme \"\(owner.rawValue)\"; leave it out")
    }
    if let minimum, let maximum, minimum > maximum {
      reader.report("min", "must not be greater than max: \(minimum) > \(maximum)")
    }
  }

  var settings: PositiveWeightSettings {
    PositiveWeightSettings(source, minimum: minimum, maximum: maximum)
  }

  private var source: PositiveWeightSettings.Source {
    if let file { return .file(file) }
    return switch scheme {
    case .none: .none
    case .inverseSquareRoot: .inverseSquareRoot(temperature: temperature, scale: scale)
    case .negativesToPositives: .negativesToPositives
    case .squareRootOfNegativesToPositives: .squareRootOfNegativesToPositives
    case .effectiveNumber: .effectiveNumber(beta: beta)
    }
  }

  /// The shortest form that reads back as the same settings.
  static func json(_ settings: PositiveWeightSettings) -> JSONValue {
    var object = JSONObject()
    switch settings.source {
    case .none: return "none"
    case .constant(let weight): return .double(weight)
    case .inverseSquareRoot(let temperature, let scale):
      object["scheme"] = .string(Scheme.inverseSquareRoot.rawValue)
      object["temperature"] = .double(temperature)
      object["scale"] = SettingForm.amount(.above(0)).write(scale)
    case .negativesToPositives:
      object["scheme"] = .string(Scheme.negativesToPositives.rawValue)
    case .squareRootOfNegativesToPositives:
      object["scheme"] = .string(Scheme.squareRootOfNegativesToPositives.rawValue)
    case .effectiveNumber(let beta):
      object["scheme"] = .string(Scheme.effectiveNumber.rawValue)
      object["beta"] = .double(beta)
    case .file(let path): object["file"] = .string(path)
    }
    object["min"] = settings.minimum.map { .double($0) }
    object["max"] = settings.maximum.map { .double($0) }
    return .object(object)
  }
}
