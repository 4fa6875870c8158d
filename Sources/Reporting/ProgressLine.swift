import Foundation

/// The progress of training on rank 0's terminal: redrawn in place where the output is a terminal,
/// a line at every logging step where it is a file or a pipe (as under `mpirun`).
public final class ProgressLine {
  private let isTerminal: Bool
  private let width: () -> Int?
  private let output: (String) -> Void
  private var isDrawn = false

  /// Progress on standard error.
  public convenience init() {
    self.init(
      isTerminal: isatty(STDERR_FILENO) == 1, width: { terminalWidth(STDERR_FILENO) },
      output: { try? FileHandle.standardError.write(contentsOf: Data($0.utf8)) })
  }

  /// Progress elsewhere. `width` is asked before each drawing, since windows change; `output` takes
  /// text with all its control characters.
  public init(
    isTerminal: Bool, width: @escaping () -> Int?, output: @escaping (String) -> Void
  ) {
    self.isTerminal = isTerminal
    self.width = width
    self.output = output
  }

  /// Shows the figures: on a terminal always, elsewhere at logging steps only.
  public func show(_ figures: ProgressFigures, isLoggingStep: Bool) {
    if isTerminal {
      // One column stays free: terminals wrap when the last one is written.
      let line = figures.line(width: (width() ?? 80) - 1)
      output("\r\(line)\u{1B}[K")
      isDrawn = true
    } else if isLoggingStep {
      output(figures.line() + "\n")
    }
  }

  /// Prints a message on a line of its own, above the progress.
  public func message(_ text: String) {
    output((isDrawn ? "\r\u{1B}[K" : "") + text + "\n")
    isDrawn = false
  }

  /// Ends the line that is drawn, so that what follows begins on a new one.
  public func finish() {
    if isDrawn { output("\n") }
    isDrawn = false
  }
}

/// The columns of a terminal, or nil where it does not say.
private func terminalWidth(_ descriptor: Int32) -> Int? {
  var size = winsize()
  guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
  return Int(size.ws_col)
}
