// How many tokens a second a tokenizer makes on one core: `tokenizer-rate MODEL TEXTS MAX_LENGTH`.
// TEXTS has one text a line. Prints one JSON line with the tokens and the processor's seconds;
// reading the files is not counted. With `--ids` it prints the token ids of each line instead.

import Foundation
import Text

@main
enum TokenizerRate {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count >= 4, let maxLength = Int(arguments[3]), maxLength > 4 else {
      FileHandle.standardError.write(Data("usage: tokenizer-rate MODEL TEXTS MAX_LENGTH\n".utf8))
      exit(64)
    }
    let loading = ContinuousClock.now
    let tokenizer = try loadTokenizer(directory: arguments[1])
    let loaded = ContinuousClock.now - loading
    let file = [UInt8](try Data(contentsOf: URL(fileURLWithPath: arguments[2])))
    let texts = file.split(separator: 0x0A, omittingEmptySubsequences: false).map(Array.init)
    var ids: [Int32] = []
    if arguments.contains("--ids") {
      for text in texts {
        ids.removeAll(keepingCapacity: true)
        tokenizer.encode(utf8: text.span, maxLength: maxLength, into: &ids)
        print("[\(ids.map(String.init).joined(separator: ", "))]")
      }
      return
    }
    let start = processorSeconds()
    for text in texts { tokenizer.encode(utf8: text.span, maxLength: maxLength, into: &ids) }
    let seconds = processorSeconds() - start
    print(
      #"{"tokens": \#(ids.count), "seconds": \#(seconds), "#
        + #""loading": \#(loaded / .seconds(1))}"#)
  }

  /// The time that this process has had of a core.
  private static func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
