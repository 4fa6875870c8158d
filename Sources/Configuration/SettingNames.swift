import Storage

// What a key that does not exist was probably meant to be.

/// The paths of all keys, to look for the one that was meant.
struct SettingNames: Sendable {
  private let candidates: [Candidate]

  private struct Candidate: Sendable {
    let path: String
    let section: String
    /// The name, as it is compared: without case and separators.
    let plainName: [Unicode.Scalar]
  }

  /// The names among `paths`, each a list of parts joined by dots.
  init(paths: [String]) {
    candidates = paths.map { path in
      let parts = path.split(separator: ".").map(String.init)
      return Candidate(
        path: path, section: parts.dropLast().joined(separator: "."),
        plainName: plain(parts[parts.count - 1]))
    }
  }

  /// A sentence about the unknown `key` of the section at `path`, whose keys are `known`: it names
  /// the key that was meant as far as can be told, else the nearest.
  func advice(for key: String, in path: [String], known: [String]) -> String {
    let section = path.joined(separator: ".")
    if let name = HuggingFaceName.named(key) { return "no such key; \(name.advice)" }
    let wanted = plain(key)
    let equal = candidates.filter { $0.plainName == wanted || plain($0.path) == wanted }
    if !equal.isEmpty {
      let meant = Self.likeliest(equal, in: section).map(\.path).joined(separator: " or ")
      return "no such key here; did you mean \(meant)?"
    }
    let nearest = Self.nearest(to: wanted, among: candidates, in: section)
    if let nearest, isTypingMistake(nearest.distance, in: wanted) {
      return "no such key; did you mean \(nearest.path)?"
    }
    let list = "the keys here are \(known.joined(separator: ", "))"
    let here = candidates.filter { $0.section == section }
    guard let nearest = Self.nearest(to: wanted, among: here, in: section) else {
      return "no such key; \(list)"
    }
    return "no such key; the nearest is \(nearest.path); \(list)"
  }

  /// Of several keys with the same name, that of the section, else those of the outermost sections.
  private static func likeliest(_ equal: [Candidate], in section: String) -> [Candidate] {
    let here = equal.filter { $0.section == section }
    guard here.isEmpty else { return here }
    func depth(_ candidate: Candidate) -> Int { candidate.path.count { $0 == "." } }
    let least = equal.map(depth).min()
    return equal.filter { depth($0) == least }
  }

  /// Of several that are equally near, one of the same section.
  private static func nearest(
    to name: [Unicode.Scalar], among candidates: [Candidate], in section: String
  ) -> (path: String, distance: Int)? {
    candidates
      .map { (candidate: $0, distance: editDistance(name, $0.plainName)) }
      .min {
        ($0.distance, $0.candidate.section == section ? 0 : 1)
          < ($1.distance, $1.candidate.section == section ? 0 : 1)
      }
      .map { (path: $0.candidate.path, distance: $0.distance) }
  }

  /// About one slip in three letters still shows what was meant.
  private func isTypingMistake(_ distance: Int, in name: [Unicode.Scalar]) -> Bool {
    distance <= max(1, name.count / 3)
  }
}

/// A name without case and separators, cut if no key is as long.
private func plain(_ name: String) -> [Unicode.Scalar] {
  Array(name.lowercased().unicodeScalars.filter { !["_", "-", ".", " "].contains($0) }.prefix(64))
}
