import Storage

/// The bounds of a number.
struct Bounds<Number: Comparable & Sendable>: Sendable {
  private var lower: Number?
  private var upper: Number?
  private var excludesLower = false
  private var excludesUpper = false

  static func atLeast(_ lower: Number) -> Self {
    var bounds = Self()
    bounds.lower = lower
    return bounds
  }

  static func above(_ lower: Number) -> Self {
    var bounds = atLeast(lower)
    bounds.excludesLower = true
    return bounds
  }

  func atMost(_ upper: Number) -> Self {
    var bounds = self
    bounds.upper = upper
    return bounds
  }

  func below(_ upper: Number) -> Self {
    var bounds = atMost(upper)
    bounds.excludesUpper = true
    return bounds
  }

  func contains(_ number: Number) -> Bool {
    if let lower, number < lower || (excludesLower && number == lower) { return false }
    if let upper, number > upper || (excludesUpper && number == upper) { return false }
    return true
  }

  func wanted(_ noun: String, because reason: String? = nil) -> String {
    let low = lower.map { excludesLower ? "greater than \(shown($0))" : "of at least \(shown($0))" }
    let high = upper.map { excludesUpper ? "less than \(shown($0))" : "at most \(shown($0))" }
    let limits = [low, high].compactMap(\.self).joined(separator: " and ")
    return noun + (limits.isEmpty ? "" : " \(limits)") + (reason.map { " (\($0))" } ?? "")
  }

  /// A bound without the ".0" that Swift adds to whole doubles.
  private func shown(_ bound: Number) -> String {
    (bound as? Double).flatMap { Int(exactly: $0) }.map { "\($0)" } ?? "\(bound)"
  }

  /// The JSON Schema of a number of this type within the bounds.
  func schema(_ type: String) -> JSONObject {
    var schema: JSONObject = ["type": .string(type)]
    schema[excludesLower ? "exclusiveMinimum" : "minimum"] = lower.map(json)
    schema[excludesUpper ? "exclusiveMaximum" : "maximum"] = upper.map(json)
    return schema
  }

  private func json(_ bound: Number) -> JSONValue {
    if let whole = bound as? Int { return .integer(whole) }
    let value = bound as? Double ?? 0
    return Int(exactly: value).map { .integer($0) } ?? .double(value)
  }
}
