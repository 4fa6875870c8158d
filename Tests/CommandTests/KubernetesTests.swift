// launch/mpijob.yaml and launch/Dockerfile, as far as they can be checked without Kubernetes.

import Foundation
import Testing

@Suite struct KubernetesTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

  private static func text(_ path: String) throws -> String {
    try String(contentsOfFile: "\(root)/\(path)", encoding: .utf8)
  }

  @Test(
    .enabled(
      if: ProcessInfo.processInfo.environment["DDP_TRAIN_PYTHON"] != nil,
      "DDP_TRAIN_PYTHON names no Python with yaml"))
  func theOperatorAcceptsTheJob() throws {
    let python = try #require(ProcessInfo.processInfo.environment["DDP_TRAIN_PYTHON"])
    let checked = try Program.runOther([
      python, "\(Self.root)/Tests/Reference/mpijob.py", "\(Self.root)/launch/mpijob.yaml",
    ])
    #expect(checked.code == 0, "\(checked.errors)")
  }

  /// What the job starts is in the image.
  @Test func theImageHasWhatTheJobStarts() throws {
    let image = try Self.text("launch/Dockerfile")
    let job = try Self.text("launch/mpijob.yaml")
    for script in job.matches(of: #//opt/ddp-train/launch/(\w+)/#) {
      #expect(FileManager.default.isExecutableFile(atPath: "\(Self.root)/launch/\(script.1)"))
    }
    #expect(image.contains("COPY launch /opt/ddp-train/launch"))
    #expect(image.contains("release/ddp-train /opt/ddp-train/bin/"))
    #expect(job.contains("value: /opt/ddp-train/bin/ddp-train"))
    #expect(image.contains(" openssh-server ") && job.contains("/usr/sbin/sshd"))
  }
}
