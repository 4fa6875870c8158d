// The command line: parses, runs the command, and ends with its exit code.

import Foundation
import Kernels
import Memory
import ProcessControl
import Reporting

requireKernelInstructions(Program.name, status: ExitCode.system.rawValue)
setUpProcess(setting: processorKernelVariables())
MappedFile.endProgramOnShortenedFile(
  status: ExitCode.inputOutput.rawValue, prefix: "\(Program.name): error: ")
let ending = CommandRunner(arguments: Array(CommandLine.arguments.dropFirst())).run()
exit(ending.rawValue)
