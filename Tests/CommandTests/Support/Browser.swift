// A browser without a window that opens a page of the program and does in it what a user does.

import Foundation
import Testing

/// Chromium, where it is installed. With CI=true it has to be.
enum Browser {
  private static let names = ["chromium", "chromium-browser", "google-chrome", "chrome"]

  /// nil where there is none.
  static let path = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    .flatMap { folder in names.map { "\(folder)/\($0)" } }
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  /// Whether tests that need a browser run.
  static let isWanted = path != nil || ProcessInfo.processInfo.environment["CI"] == "true"

  /// Opens a page and runs a script in it.
  /// - Parameter script: statements, at the end of which `return` gives an object.
  /// - Returns: the object, with `problems`: what the console was told of errors.
  static func open(_ page: String, running script: String) throws -> [String: Any] {
    let path = try #require(path, "no browser is installed (Debian: chromium)")
    let folder = FileManager.default.temporaryDirectory.path + "/ddp-train-browser-\(UUID())"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let html = try String(contentsOfFile: page, encoding: .utf8)
    let parts = html.components(separatedBy: "<head>")
    try #require(parts.count > 1)
    let first = "\(parts[0])<head>\(listener)\(parts.dropFirst().joined(separator: "<head>"))"
    try Data("\(first)<script>\(runner(script))</script>".utf8)
      .write(to: URL(fileURLWithPath: "\(folder)/page.html"))
    let ending = try Program.runOther([
      path, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
      "--user-data-dir=\(folder)/profile", "--virtual-time-budget=10000", "--dump-dom",
      "file://\(folder)/page.html",
    ])
    let title = try #require(
      ending.output.firstMatch(of: /<title>outcome:([A-Za-z0-9+\/=]*)<\/title>/),
      "the page did not come to its end: \(ending.errors.suffix(400))")
    let bytes = try #require(Data(base64Encoded: String(title.1)))
    return try object(String(decoding: bytes, as: UTF8.self))
  }

  /// Notes what goes wrong from the beginning on.
  private static let listener = """
    <script>
    window.problems = [];
    addEventListener("error", event => problems.push(String(event.message)));
    addEventListener("unhandledrejection", event => problems.push(String(event.reason)));
    addEventListener("securitypolicyviolation", event => problems.push("refused " + event.blockedURI));
    for (const kind of ["error", "warn"]) console[kind] = (...words) => problems.push(words.join(" "));
    </script>
    """

  private static func runner(_ script: String) -> String {
    """
    {
      let outcome = {};
      try { outcome = (() => { \(script) })(); } catch (error) { problems.push(String(error)); }
      outcome.problems = problems;
      document.title = "outcome:" + btoa(String.fromCharCode(
        ...new TextEncoder().encode(JSON.stringify(outcome))));
    }
    """
  }
}
