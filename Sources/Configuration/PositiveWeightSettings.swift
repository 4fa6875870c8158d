import Objectives
import Storage

/// The key `loss.pos_weight`: how the weight of each label's positives is found.
public struct PositiveWeightSettings: Sendable, Equatable {
  /// Where the weights come from.
  public enum Source: Sendable, Equatable {
    /// The same for all labels.
    case number(Double)
    /// A scheme of `PositiveWeighting.all` by name, its options complete.
    case scheme(String, options: [String: Double])
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
  public init(_ source: Source, minimum: Double? = nil, maximum: Double? = nil) {
    self.source = source
    self.minimum = minimum
    self.maximum = maximum
  }
}

extension SettingForm<PositiveWeightSettings> {
  /// `"none"`, a number, a scheme's name, or an object with `scheme` or `file`.
  static var positiveWeight: Self {
    let schemes = PositiveWeightKeys.schemes.names.map { "\"\($0)\"" }.joined(separator: ", ")
    return SettingForm(
      wanted: "a number greater than 0, {\"scheme\": …} or its name (\(schemes)), or {\"file\": …}",
      inner: PositiveWeightKeys.paths,
      schema: [
        "anyOf": [
          .object(Bounds<Double>.above(0).schema("number")),
          .object(SettingForm<String>.choice(of: PositiveWeightKeys.schemes.names).schema),
          .object(PositiveWeightKeys.schema),
        ]
      ],
      read: { json, reader in
        switch json {
        case .integer, .double:
          json.number.flatMap { $0 > 0 ? PositiveWeightSettings(.number($0)) : nil }
        case .string(let name): PositiveWeightKeys(scheme: name)?.settings
        case .object: reader.section(PositiveWeightKeys.self, from: json)?.settings
        case .null, .bool, .array: nil
        }
      },
      write: { settings in
        switch settings.source {
        case .number(let weight): .double(weight)
        case .scheme("none", _) where settings.minimum == nil && settings.maximum == nil: "none"
        case .scheme, .file: PositiveWeightKeys(settings).json
        }
      })
  }
}

/// The object form, as it stands in the file.
private struct PositiveWeightKeys: Settings {
  static let schemes = SettingVariants(
    all: PositiveWeighting.all.map { ($0.name, $0.options) })

  /// Nil if a file gives the weights, or before the scheme is known.
  var scheme: String?
  var options: [String: Double] = [:]
  var file: String?
  var minimum: Double?
  var maximum: Double?

  static let keys: [SettingsKey<Self>] =
    [
      optional("scheme", \.scheme, .choice(of: schemes.names))
        .means("The formula of the weights.")
    ]
    + SettingsKey.options(of: schemes, \.options)
    + [
      optional("file", \.file, .text("the path of a JSON file"))
        .means("A JSON file, label to weight."),
      optional("min", \.minimum, .number(.above(0)))
        .means("Smaller weights are raised to this."),
      optional("max", \.maximum, .number(.above(0)))
        .means("Larger weights are lowered to this."),
    ]

  init() {}

  /// A scheme with its default options; nil if there is none of this name.
  init?(scheme: String) {
    guard Self.schemes.names.contains(scheme) else { return nil }
    self.scheme = scheme
    options = Self.schemes.defaults(of: scheme)
  }

  init(_ settings: PositiveWeightSettings) {
    (minimum, maximum) = (settings.minimum, settings.maximum)
    switch settings.source {
    case .number: break
    case .scheme(let name, let options): (scheme, self.options) = (name, options)
    case .file(let path): file = path
    }
  }

  var settings: PositiveWeightSettings {
    let name = scheme ?? Self.schemes.names[0]
    let options = options.isEmpty ? Self.schemes.defaults(of: name) : options
    return PositiveWeightSettings(
      file.map { .file($0) } ?? .scheme(name, options: options), minimum: minimum, maximum: maximum)
  }

  mutating func finish(_ reader: SettingsReader) {
    if file != nil, scheme != nil {
      reader.report("file", "excludes scheme; give one of the two")
    }
    // Without scheme and file, as after `--set loss.pos_weight.scale=35`, the first scheme, which
    // is the default, is meant.
    if file == nil, scheme == nil { scheme = Self.schemes.names[0] }
    options = Self.schemes.complete(options, of: file == nil ? scheme : nil, reader)
    if let minimum, let maximum, minimum > maximum {
      reader.report("min", "must not be greater than max: \(minimum) > \(maximum)")
    }
  }

  /// A key that is written only if it has a value.
  private static func optional<Value>(
    _ name: String, _ property: WritableKeyPath<Self, Value?> & Sendable, _ form: SettingForm<Value>
  ) -> SettingsKey<Self> {
    SettingsKey<Self>(
      name,
      read: { json, section, reader in
        guard let json, let value = reader.value(json, form.orNull) else { return }
        section[keyPath: property] = value
      },
      write: { $0[keyPath: property].map(form.write) }
    ).formed(form.orNull.schema)
  }
}
