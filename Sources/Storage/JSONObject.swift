/// The members of a JSON object in the order in which they were written or set.
public struct JSONObject: Sendable {
  /// The names, in order.
  public private(set) var keys: [String] = []
  private var values: [JSONValue] = []
  // The places of the names, once there are too many to look through.
  private var places: [ExactName: Int] = [:]
  private static let fewNames = 8

  /// No members.
  public init() {}

  /// The members in order. A name given twice is a fault of the program.
  public init(_ members: [(String, JSONValue)]) {
    for (key, value) in members {
      let isNew = append(key, value)
      precondition(isNew, "the name \(key) is given twice")
    }
  }

  /// The number of members.
  public var count: Int { keys.count }

  /// Whether there are no members.
  public var isEmpty: Bool { keys.isEmpty }

  /// The value of a member. Setting a new name adds it at the end, an old one keeps its place;
  /// setting nil removes it, in time proportional to the number of members.
  public subscript(key: String) -> JSONValue? {
    get { place(of: key).map { values[$0] } }
    set {
      switch (place(of: key), newValue) {
      case (let place?, let value?): values[place] = value
      case (nil, let value?): append(key, value)
      case (let place?, nil): remove(at: place)
      case (nil, nil): break
      }
    }
  }

  /// Adds a member at the end, and returns true, unless the name exists.
  @discardableResult
  public mutating func append(_ key: String, _ value: JSONValue) -> Bool {
    guard place(of: key) == nil else { return false }
    keys.append(key)
    values.append(value)
    if count == Self.fewNames + 1 {
      makeIndex()
    } else if count > Self.fewNames {
      places[ExactName(key)] = count - 1
    }
    return true
  }

  private func place(of key: String) -> Int? {
    let name = ExactName(key)
    return count > Self.fewNames ? places[name] : keys.firstIndex { ExactName($0) == name }
  }

  private mutating func remove(at place: Int) {
    keys.remove(at: place)
    values.remove(at: place)
    makeIndex()
  }

  private mutating func makeIndex() {
    places.removeAll(keepingCapacity: true)
    guard count > Self.fewNames else { return }
    for (place, key) in keys.enumerated() { places[ExactName(key)] = place }
  }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
  /// The members in order. A name given twice is a fault of the program.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self.init(elements)
  }
}

extension JSONObject: Sequence {
  /// The members, in order.
  public func makeIterator() -> Zip2Sequence<[String], [JSONValue]>.Iterator {
    zip(keys, values).makeIterator()
  }
}

extension JSONObject: Equatable {
  /// Whether both have the same names with equal values, in whatever order.
  public static func == (left: JSONObject, right: JSONObject) -> Bool {
    left.count == right.count && left.allSatisfy { right[$0] == $1 }
  }
}

/// A name compared by its bytes: Swift's strings call "é" and "e" with a combining accent equal,
/// JSON and Python don't, and a label set may hold both.
package struct ExactName: Hashable, Sendable {
  private let text: String

  package init(_ text: String) { self.text = text }

  package static func == (left: ExactName, right: ExactName) -> Bool {
    // The first comparison is the quick one, and says no to almost all that differ.
    left.text == right.text && left.text.utf8.elementsEqual(right.text.utf8)
  }

  // A string's hash is coarser than its bytes, which is all that a hash needs.
  package func hash(into hasher: inout Hasher) {
    hasher.combine(text)
  }
}
