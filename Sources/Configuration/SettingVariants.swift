// Losses and weightings come by name from the registries of Objectives, each with options of its
// own. Here these options become keys, so that a new one needs no line in the configuration.

import Objectives
import Storage

/// Things of which the configuration names one, and the options that each takes beside its name.
struct SettingVariants: Sendable {
  let all: [(name: String, options: [NumericOption])]

  /// The names of the variants.
  var names: [String] { all.map(\.name) }

  /// The names of all options, each once, in the order of their first owners.
  var optionNames: [String] {
    var seen: Set<String> = []
    return all.flatMap(\.options).map(\.name).filter { seen.insert($0).inserted }
  }

  /// The options of one variant at their defaults.
  func defaults(of name: String) -> [String: Double] {
    Dictionary(uniqueKeysWithValues: options(of: name).map { ($0.name, $0.defaultValue) })
  }

  /// The options of the variant `name`, with defaults for those that are not among `given`. Reports
  /// options of other variants and values out of range. A nil name has no options.
  func complete(
    _ given: [String: Double], of name: String?, _ reader: SettingsReader
  ) -> [String: Double] {
    let options = name.map(options(of:)) ?? []
    let taken = Set(options.map(\.name))
    for key in optionNames where given[key] != nil && !taken.contains(key) {
      reader.report(
        key, "goes with \(owners(of: key).joined(separator: " and ")) only; leave it out")
    }
    for option in options {
      guard let value = given[option.name], !option.range.contains(value) else { continue }
      let bounds = Bounds.atLeast(option.range.lowerBound).atMost(option.range.upperBound)
      reader.report(option.name, "wanted \(bounds.wanted("a number")), found \(value)")
    }
    return defaults(of: name ?? "").merging(given.filter { taken.contains($0.key) }) { $1 }
  }

  /// The variants that take an option, in quotation marks.
  fileprivate func owners(of option: String) -> [String] {
    all.filter { $0.options.contains { $0.name == option } }.map { "\"\($0.name)\"" }
  }

  private func options(of name: String) -> [NumericOption] {
    all.first { $0.name == name }?.options ?? []
  }
}

extension SettingsKey {
  /// The keys of all options of `variants`. A section holds those of its variant only, and only
  /// they are written.
  static func options(
    of variants: SettingVariants, _ property: WritableKeyPath<Section, [String: Double]> & Sendable
  ) -> [SettingsKey] {
    variants.optionNames.map { name in
      let form = SettingForm<Double>.amount(Bounds())
      return SettingsKey<Section>(
        name,
        read: { json, section, reader in
          guard let json, let value = reader.value(json, form) else { return }
          section[keyPath: property][name] = value
        },
        write: { $0[keyPath: property][name].map(form.write) }
      ).formed(form.schema)
        .means("Of \(variants.owners(of: name).joined(separator: " and ")).")
    }
  }
}
