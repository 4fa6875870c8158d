// What the program says on standard error.

import Foundation

/// Prints an error as the command line does.
public func printError(_ message: String) {
  FileHandle.standardError.write(Data("\(Program.name): error: \(message)\n".utf8))
}

/// Prints a warning.
public func printWarning(_ message: String) {
  FileHandle.standardError.write(Data("\(Program.name): warning: \(message)\n".utf8))
}

/// Prints a note.
public func printNote(_ message: String) {
  FileHandle.standardError.write(Data("\(Program.name): note: \(message)\n".utf8))
}
