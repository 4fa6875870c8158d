// The terminal behind an output of this process, if there is one.

import Foundation

/// A terminal that shows what this process writes.
struct Terminal {
  /// A descriptor by which it is asked for its size.
  private let descriptor: Int32

  /// The terminal behind a descriptor of this process. What a rank writes comes out of its
  /// launcher, mpirun, which gives ranks pipes and terminals of its own making; so a rank looks at
  /// the launcher's descriptor. On the user's machine the launcher is the rank's parent.
  /// - Returns: nil if it is a file, a pipe to another program, or on another machine.
  static func behind(_ descriptor: Int32) -> Terminal? {
    guard ProcessInfo.processInfo.environment["OMPI_COMM_WORLD_RANK"] != nil else {
      return isatty(descriptor) == 1 ? Terminal(descriptor: descriptor) : nil
    }
    let launcher = open("/proc/\(getppid())/fd/\(descriptor)", O_RDONLY | O_NOCTTY | O_NONBLOCK)
    guard launcher >= 0 else { return nil }
    guard isatty(launcher) == 1 else {
      close(launcher)
      return nil
    }
    return Terminal(descriptor: launcher)
  }

  /// Its columns now, or nil if it does not say.
  var width: Int? {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }
}

/// How headings are shown on standard output.
public enum TextStyle {
  /// A terminal takes control sequences unless the user says no (https://no-color.org).
  private static let isStyled: Bool = {
    let environment = ProcessInfo.processInfo.environment
    return environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
      && Terminal.behind(STDOUT_FILENO) != nil
  }()

  /// The text, in bold type on a terminal.
  public static func bold(_ text: String) -> String {
    isStyled ? "\u{1B}[1m\(text)\u{1B}[0m" : text
  }
}
