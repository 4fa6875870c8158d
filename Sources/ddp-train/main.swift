// The command line: parses, runs the command, and ends with its exit code.

import Foundation
import Kernels
import ProcessControl

setUpProcess(setting: processorKernelVariables())
let ending = CommandRunner(arguments: Array(CommandLine.arguments.dropFirst())).run()
exit(ending.rawValue)
