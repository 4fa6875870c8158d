import Configuration
import Foundation
import Reporting
import Storage

/// The first word of the command line, which is a command's name or, `train` being the default
/// command, a configuration file. A slip in either would otherwise be reported as the other.
enum FirstArgument {
  /// Throws if `argument` is neither. Options are left to the parser.
  static func check(_ argument: String?) throws(Failure) {
    guard let argument, !argument.hasPrefix("-") else { return }
    let commands = DDPTrain.commandNames
    guard !commands.contains(argument), !FileManager.default.fileExists(atPath: argument) else {
      return
    }
    let distances = commands.map { (name: $0, distance: editDistance(Array(argument), Array($0))) }
    if let nearest = distances.min(by: { $0.distance < $1.distance }), nearest.distance <= 2 {
      throw Failure(
        .usage, "\"\(argument)\" is neither a command nor a file; did you mean \"\(nearest.name)\"?"
      )
    }
    if argument.contains(where: { $0 == "/" || $0 == "." }) {
      throw Failure(ConfigurationError.fileMissing(path: argument))
    }
    throw Failure(
      .usage,
      """
      "\(argument)" is neither a command (\(commands.joined(separator: ", "))) nor a \
      configuration file; see \(Program.name) --help
      """)
  }
}
