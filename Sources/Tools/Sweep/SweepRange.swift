import Data
import Foundation
import Reporting

/// `A..B`, from which numbers are drawn evenly, or `log:A..B`, from which their logarithms are.
struct SweepRange {
  let lower: Double
  let upper: Double
  /// Whether logarithms are drawn evenly.
  let isLogarithmic: Bool
  /// Whether both bounds are whole numbers; drawn numbers are then, too.
  let isWhole: Bool

  /// Reads a value of `--vary`; nil where it is no range. `option` is all of what is given, for
  /// messages.
  init?(_ text: String, of option: String) throws(Failure) {
    let prefix = "log:"
    isLogarithmic = text.hasPrefix(prefix)
    let bounds = text.dropFirst(isLogarithmic ? prefix.count : 0).components(separatedBy: "..")
    guard bounds.count == 2, let lower = Double(bounds[0]), let upper = Double(bounds[1]),
      lower.isFinite, upper.isFinite
    else {
      guard !isLogarithmic else {
        throw Failure(.usage, "--vary \(option): wanted two numbers, as log:1e-5..1e-3")
      }
      return nil
    }
    guard lower < upper else {
      throw Failure(.usage, "--vary \(option): the first bound must be less than the second")
    }
    guard !isLogarithmic || lower > 0 else {
      throw Failure(.usage, "--vary \(option): bounds of log: must be greater than 0")
    }
    self.lower = lower
    self.upper = upper
    isWhole = Int(bounds[0]) != nil && Int(bounds[1]) != nil
  }

  /// A number as text, whole or with three significant digits.
  func draw(_ stream: inout SplitMix64) -> String {
    let share = Double(stream.next() >> 11) * 0x1p-53
    if isWhole, !isLogarithmic {
      return "\(Int(lower) + Int(share * (upper - lower + 1)))"
    }
    let number =
      isLogarithmic ? lower * pow(upper / lower, share) : lower + share * (upper - lower)
    if isWhole { return "\(Int(number.rounded()))" }
    let rounded = Double(String(format: "%.3g", number)) ?? number
    return "\(min(max(rounded, lower), upper))"
  }
}
