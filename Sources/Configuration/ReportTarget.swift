/// What can show a run besides its own files: `report_to`.
public enum ReportTarget: String, Sendable, CaseIterable {
  /// An event file in `output_dir`.
  case tensorboard
}

extension SettingForm<[ReportTarget]> {
  static var targets: Self {
    let names = ReportTarget.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
    return SettingForm(
      wanted: "a list of \(names), which may be empty",
      schema: [
        "type": "array", "uniqueItems": true,
        "items": .object(SettingForm<ReportTarget>.choice.schema),
      ],
      read: { json, _ in
        guard let array = json.array else { return nil }
        let targets = array.compactMap { $0.string.flatMap(ReportTarget.init) }
        return targets.count == array.count && Set(targets).count == targets.count ? targets : nil
      },
      write: { .array($0.map { .string($0.rawValue) }) })
  }
}
