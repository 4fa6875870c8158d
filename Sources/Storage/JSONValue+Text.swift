extension JSONValue {
  /// The value as JSON text: on one line, spaced as Python's `json.dumps` does it, or `pretty`,
  /// with an indentation of two, as `json.dumps(…, indent=2)`. No line break at the end. Doubles
  /// are the shortest decimal that reads back as the same bits.
  public func text(pretty: Bool = false) -> String {
    var text = ""
    write(to: &text, indentation: pretty ? 0 : nil)
    return text
  }

  private func write(to text: inout String, indentation: Int?) {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .integer(let value): text += "\(value)"
    case .double(let value): text += value.isFinite ? "\(value)" : Self.name(ofNonFinite: value)
    case .string(let value): Self.quote(value, to: &text)
    case .array(let elements):
      Self.writeList(elements, brackets: ("[", "]"), to: &text, indentation: indentation) {
        $1.write(to: &$0, indentation: $2)
      }
    case .object(let object):
      Self.writeList(object, brackets: ("{", "}"), to: &text, indentation: indentation) {
        Self.quote($1.0, to: &$0)
        $0 += ": "
        $1.1.write(to: &$0, indentation: $2)
      }
    }
  }

  private static func name(ofNonFinite value: Double) -> String {
    value.isNaN ? "\"NaN\"" : value > 0 ? "\"Infinity\"" : "\"-Infinity\""
  }

  private static func writeList<Elements: Sequence>(
    _ elements: Elements, brackets: (String, String), to text: inout String, indentation: Int?,
    writeElement: (inout String, Elements.Element, Int?) -> Void
  ) {
    let inner = indentation.map { $0 + 2 }
    var isFirst = true
    text += brackets.0
    for element in elements {
      if !isFirst { text += inner == nil ? ", " : "," }
      isFirst = false
      breakLine(&text, indentation: inner)
      writeElement(&text, element, inner)
    }
    if !isFirst { breakLine(&text, indentation: indentation) }
    text += brackets.1
  }

  private static func breakLine(_ text: inout String, indentation: Int?) {
    guard let indentation else { return }
    text += "\n" + String(repeating: " ", count: indentation)
  }

  private static func quote(_ value: String, to text: inout String) {
    text += "\""
    if value.utf8.contains(where: { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C }) {
      for scalar in value.unicodeScalars { text += escaped(scalar) }
    } else {
      text += value
    }
    text += "\""
  }

  private static func escaped(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\"": return "\\\""
    case "\\": return "\\\\"
    case "\n": return "\\n"
    case "\r": return "\\r"
    case "\t": return "\\t"
    case "\u{00}"..<" ":
      let digits = String(scalar.value, radix: 16)
      return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: return String(scalar)
    }
  }
}
