import Foundation
import Objectives
import Storage

extension PositiveWeightSettings {
  /// The weighting that is meant. A file of weights is read here: a JSON object, label → number.
  /// Whether its labels are those of the data is for the weighting to say, which learns them later.
  public func weighting() throws(ConfigurationError) -> PositiveWeighting {
    let source: PositiveWeighting.Source =
      switch source {
      case .number(let weight): .number(weight)
      case .scheme(let name, let options): .scheme(name, options: options)
      case .file(let path): .table(try Self.table(in: path))
      }
    return PositiveWeighting(source, minimum: minimum, maximum: maximum)
  }

  private static func table(in path: String) throws(ConfigurationError) -> [String: Double] {
    let bytes = try Configuration.bytes(of: path)
    let json: JSONValue
    do {
      json = try JSONValue(parsing: bytes)
    } catch {
      throw .badWeights(path: path, reason: "not JSON: \(error)")
    }
    guard let object = json.object else {
      throw .badWeights(path: path, reason: "wanted an object, label → weight, found \(json.kind)")
    }
    var table: [String: Double] = [:]
    for (label, value) in object {
      guard value.string == nil, let weight = value.number, weight > 0 else {
        throw .badWeights(
          path: path,
          reason:
            "the weight of \(excerpt(label)): wanted a number greater than 0, found \(value.text())"
        )
      }
      table[label] = weight
    }
    return table
  }
}
