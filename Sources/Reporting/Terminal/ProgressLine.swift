import Foundation

/// The progress of training on rank 0's standard error: redrawn in place on a terminal, a line now
/// and then in a file or a pipe.
public final class ProgressLine {
  /// What is shown.
  public enum Detail: Equatable {
    /// Warnings alone.
    case quiet
    /// Warnings, and on a terminal the progress, which begins with a text.
    case brief(String)
    /// Messages and the progress. Elsewhere than on a terminal: a line for each tenth of the steps,
    /// and after ten minutes without one.
    case normal
    /// The same, elsewhere at every logging step.
    case verbose
  }

  private let isTerminal: Bool
  private let detail: Detail
  private let width: () -> Int?
  private let output: (String) -> Void
  private var isDrawn = false
  /// The last line that was shown elsewhere than on a terminal.
  private var lastLine: ProgressFigures?

  /// Progress on standard error.
  public convenience init(_ detail: Detail) {
    let terminal = Terminal.behind(STDERR_FILENO)
    self.init(
      detail, isTerminal: terminal != nil, width: { terminal?.width },
      output: { try? FileHandle.standardError.write(contentsOf: Data($0.utf8)) })
  }

  /// Progress elsewhere. `width` is asked before each drawing, since windows change; `output` takes
  /// text with all its control characters.
  public init(
    _ detail: Detail, isTerminal: Bool, width: @escaping () -> Int?,
    output: @escaping (String) -> Void
  ) {
    self.detail = detail
    self.isTerminal = isTerminal
    self.width = width
    self.output = output
  }

  /// Shows the figures of a step.
  public func show(_ figures: ProgressFigures, isLoggingStep: Bool) {
    guard detail != .quiet else { return }
    if isTerminal {
      var beginning = ""
      if case .brief(let text) = detail { beginning = text + " " }
      // One column stays free: terminals wrap when the last one is written.
      let line = figures.line(width: max((width() ?? 80) - 1 - beginning.count, 0))
      output("\r\(beginning)\(line)\u{1B}[K")
      isDrawn = true
    } else if detail == .verbose ? isLoggingStep : detail == .normal && isDue(figures) {
      output(figures.line() + "\n")
      lastLine = figures
    }
  }

  private static let longestSilence = 600.0

  private func isDue(_ figures: ProgressFigures) -> Bool {
    guard let lastLine else {
      self.lastLine = figures
      return figures.step == figures.totalSteps
    }
    return figures.tenth > lastLine.tenth
      || figures.seconds - lastLine.seconds >= Self.longestSilence
  }

  /// Prints a message on a line of its own, above the progress.
  public func message(_ text: String, isWarning: Bool = false) {
    guard isWarning || detail == .normal || detail == .verbose else { return }
    output((isDrawn ? "\r\u{1B}[K" : "") + text + "\n")
    isDrawn = false
  }

  /// Removes the line that is drawn, so that what follows begins on an empty one.
  public func finish() {
    if isDrawn { output("\r\u{1B}[K") }
    isDrawn = false
  }
}
