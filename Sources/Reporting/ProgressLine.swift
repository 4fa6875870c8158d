import Foundation

/// The progress of training on rank 0's terminal: redrawn in place if the output is a terminal,
/// a line at every logging step if it is a file or a pipe (as under `mpirun`).
public final class ProgressLine {
  private let isTerminal: Bool
  /// What each line begins with, if only a redrawn line and warnings are shown.
  private let brief: String?
  private let width: () -> Int?
  private let output: (String) -> Void
  private var isDrawn = false

  /// Progress on standard error.
  /// - Parameter brief: a text with which each line begins; given one, only warnings and, on a
  ///   terminal, the line that is redrawn are shown.
  public convenience init(brief: String? = nil) {
    self.init(
      isTerminal: isatty(STDERR_FILENO) == 1, brief: brief,
      width: { terminalWidth(STDERR_FILENO) },
      output: { try? FileHandle.standardError.write(contentsOf: Data($0.utf8)) })
  }

  /// Progress elsewhere. `width` is asked before each drawing, since windows change; `output` takes
  /// text with all its control characters.
  public init(
    isTerminal: Bool, brief: String? = nil, width: @escaping () -> Int?,
    output: @escaping (String) -> Void
  ) {
    self.isTerminal = isTerminal
    self.brief = brief
    self.width = width
    self.output = output
  }

  /// Shows the figures: on a terminal always, elsewhere at logging steps only.
  public func show(_ figures: ProgressFigures, isLoggingStep: Bool) {
    if isTerminal {
      // One column stays free: terminals wrap when the last one is written.
      let beginning = brief.map { "\($0) " } ?? ""
      let line = figures.line(width: max((width() ?? 80) - 1 - beginning.count, 0))
      output("\r\(beginning)\(line)\u{1B}[K")
      isDrawn = true
    } else if isLoggingStep, brief == nil {
      output(figures.line() + "\n")
    }
  }

  /// Prints a message on a line of its own, above the progress.
  public func message(_ text: String, isWarning: Bool = false) {
    guard brief == nil || isWarning else { return }
    output((isDrawn ? "\r\u{1B}[K" : "") + text + "\n")
    isDrawn = false
  }

  /// Ends the line that is drawn, so that what follows begins on a new one; a brief line makes room
  /// for it.
  public func finish() {
    if isDrawn { output(brief == nil ? "\n" : "\r\u{1B}[K") }
    isDrawn = false
  }
}

/// The columns of a terminal, or nil if it does not say.
private func terminalWidth(_ descriptor: Int32) -> Int? {
  var size = winsize()
  guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
  return Int(size.ws_col)
}
