// How a message names what settles a doubt: as a key of the config, or as an option of a command.

/// What a user can say about a data file.
enum DataSetting: String {
  case text = "text_column"
  case id = "id_column"
  case labelsColumn = "labels_column"
  case labelsSeparator = "labels_separator"
  case labelNames = "label_names"
  case ignored = "ignored_columns"
  case group = "group_column"
  case date = "date_column"
  case separator = "separator"
  case quoting = "quoting"
  case columnNames = "column_names"
  case unknownLabel = "unknown_label"
  case unknownColumn = "unknown_column"
  case emptyCells = "empty_cells"
  case emptyTexts = "empty_texts"
}

/// Where the user says it.
public enum SettingStyle: Equatable, Sendable {
  /// The section `data` of a config.
  case configuration
  /// Options of `evaluate`, `predict` and other commands without a config.
  case options
  /// Options of `fit`.
  case fit

  /// The key or the option.
  func name(_ setting: DataSetting) -> String {
    switch (self, setting) {
    case (.configuration, _): "data.\(setting.rawValue)"
    case (.fit, .text): "--text"
    case (.fit, .id): "--id"
    case (.fit, .ignored): "--ignore"
    case (.fit, .group): "--group"
    case (_, .ignored): "--ignore-column"
    default: "--\(setting.rawValue.replacing("_", with: "-"))"
    }
  }

  /// The key with its value, or the option with its argument, to be taken over as it stands.
  func line(_ setting: DataSetting, _ value: String) -> String {
    self == .configuration
      ? "\(name(setting))=\(Self.isPlain(value) ? value : Self.json(value))"
      : "\(name(setting)) \(Self.shell(value))"
  }

  /// The same for a list.
  func line(_ setting: DataSetting, _ values: [String]) -> String {
    switch (self, setting) {
    case (.configuration, _):
      "\(name(setting))=[\(values.map(Self.json).joined(separator: ","))]"
    case (.options, .ignored):
      values.map { line(setting, $0) }.joined(separator: " ")
    default: line(setting, values.joined(separator: ","))
    }
  }

  private static func isPlain(_ value: String) -> Bool {
    guard let first = value.utf8.first, first | 0x20 >= 0x61, first | 0x20 <= 0x7A else {
      return false
    }
    return !["true", "false", "null"].contains(value)
      && value.utf8.allSatisfy {
        $0 == 0x5F || $0 == 0x2D || $0 == 0x2E || (0x30...0x39).contains($0)
          || (0x61...0x7A).contains($0 | 0x20)
      }
  }

  private static func json(_ value: String) -> String {
    var text = "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"", "\\": text += "\\\(scalar)"
      case "\t": text += "\\t"
      case _ where scalar.value < 0x20: text += " "
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text + "\""
  }

  private static func shell(_ value: String) -> String {
    let value = value.replacing("\t", with: "\\t")
    return isPlain(value.replacing(",", with: "")) ? value : "'\(value)'"
  }
}
