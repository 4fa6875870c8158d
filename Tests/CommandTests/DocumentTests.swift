// Documents name files that exist.

import Foundation
import Testing

@Suite struct DocumentTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// The documents, relative to the root.
  private static let documents =
    ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"]
    + ((try? FileManager.default.subpathsOfDirectory(atPath: root.path + "/docs")) ?? [])
    .filter { $0.hasSuffix(".md") }.sorted().map { "docs/\($0)" }

  /// The Swift files of the sources, tests and benchmarks by their names.
  private static let sources = Set(
    ["Sources", "Tests", "Benchmarks"].flatMap { folder in
      (FileManager.default.enumerator(atPath: "\(root.path)/\(folder)")?.compactMap {
        $0 as? String
      }
        ?? []).filter { $0.hasSuffix(".swift") }.map { URL(fileURLWithPath: $0).lastPathComponent }
    })

  /// A document without its blocks of code, which may name files of a user.
  private static func prose(_ document: String) throws -> String {
    try String(contentsOf: root.appendingPathComponent(document), encoding: .utf8)
      .components(separatedBy: "\n```").enumerated().filter { $0.offset.isMultiple(of: 2) }
      .map(\.element).joined(separator: "\n")
  }

  private static func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: root.appendingPathComponent(path).path)
  }

  @Test(arguments: documents) func linksLeadToFiles(document: String) throws {
    let folder =
      document.contains("/")
      ? "\(document.split(separator: "/").dropLast().joined(separator: "/"))/" : ""
    for link in try Self.prose(document).matches(of: /\]\(([^)#:\s]*)(#([^)]*))?\)/) {
      let target = link.1.isEmpty ? document : folder + link.1
      #expect(Self.exists(target), "\(document) links to \(link.1)")
      guard let place = link.3, target.hasSuffix(".md"), Self.exists(target) else { continue }
      let path = URL(fileURLWithPath: target, relativeTo: Self.root).standardized.path
      #expect(
        try Self.places(in: path).contains(String(place)), "\(document) links to \(target)#\(place)"
      )
    }
  }

  /// The places that links can name in a document: its headings as code hosts spell them.
  private static func places(in path: String) throws -> Set<String> {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    return Set(
      text.components(separatedBy: "\n").filter { $0.hasPrefix("#") }.map { heading in
        let title = heading.drop { $0 == "#" }.drop { $0 == " " }.lowercased()
        return String(
          title.unicodeScalars.filter {
            $0.properties.isAlphabetic || ("0"..."9").contains($0)
              || " -_".unicodeScalars.contains($0)
          }.map { $0 == " " ? "-" : Character($0) })
      })
  }

  /// Paths in backquotes are relative to the root or to Sources; a Swift file may stand alone.
  @Test(arguments: documents) func filesThatAreNamedExist(document: String) throws {
    for name in try Self.prose(document).matches(of: /`([\w.+\/-]+\.swift|[A-Z]\w*\/[\w+\/-]*\/)`/)
    {
      let path = String(name.1)
      let isKnown =
        Self.exists(path) || Self.exists("Sources/\(path)") || Self.sources.contains(path)
      #expect(isKnown, "\(document) names \(path)")
    }
    for name in try Self.prose(document).matches(of: /\b(\w+Tests\/\w+Tests)\b/) {
      #expect(Self.exists("Tests/\(name.1).swift"), "\(document) names \(name.1)")
    }
  }
}
