/// A field of a CSV line as RFC 4180 has it: in quotes if it holds what separates
/// fields or lines.
public func csvField(_ field: String) -> String {
  let special: [Unicode.Scalar] = [",", "\"", "\r", "\n"]
  guard field.unicodeScalars.contains(where: special.contains) else { return field }
  return "\"" + field.replacing("\"", with: "\"\"") + "\""
}
