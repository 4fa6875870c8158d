// The files that a command is asked to write, which must not be any that it reads.

import Foundation
import Reporting
import Storage

/// Refuses files to be written that are read, or written twice, whatever names they have: links,
/// hard links, other spellings of a path.
/// - Parameters:
///   - outputs: with the options that name them; nil where one is not given.
///   - inputs: files that are read; of a directory, all files in it.
func checkOutputs(_ outputs: [(option: String, path: String?)], inputs: [String]) throws(Failure) {
  let outputs = outputs.compactMap { output in output.path.map { (option: output.option, path: $0) }
  }
  for output in outputs {
    guard let written = writtenFile(output.path) else { continue }
    for input in inputs {
      for file in files(of: input) where FileIdentity(file) == written {
        let other = file == output.path ? "" : "the same file as \(file), which is "
        throw Failure(
          .usage,
          "\(output.option): choose another file: \(output.path) is \(other)read by this command")
      }
    }
  }
  for (index, output) in outputs.enumerated() {
    for other in outputs[..<index] where isSameFile(output.path, other.path) {
      throw Failure(
        .usage,
        "\(output.option): choose another file: \(output.path) is that of \(other.option) too")
    }
  }
}

/// Refuses a stream where several models read the same rows.
func checkIsFile(_ path: String, option: String) throws(Failure) {
  guard isStream(path) else { return }
  throw Failure(
    .usage, "\(option): give a file: each model reads the rows, and a stream can be read only once")
}

/// Prints for the reader at the terminal: on standard error where an output is standard output.
/// - Parameter outputs: the paths that are written.
func printText(_ text: String, besides outputs: [String]) {
  guard outputs.contains(where: goesToStandardOutput) else { return print(text) }
  FileHandle.standardError.write(Data("\(text)\n".utf8))
}

/// Also of files that do not exist yet.
private func isSameFile(_ path: String, _ other: String) -> Bool {
  if let written = writtenFile(path) { return written == writtenFile(other) }
  let places = [path, other].map { URL(fileURLWithPath: $0).resolvingSymlinksInPath().path }
  return places[0] == places[1]
}

private func files(of path: String) -> [String] {
  guard let names = try? entries(of: path) else { return [path] }
  return names.map { "\(path)/\($0)" }
}
