/// What was taken for text, labels and id, for a reader who is to see it before training.
public struct SourceSummary: Equatable, Sendable {
  /// The file's path as the user wrote it.
  public let path: String
  /// The form of the file and the columns, a line.
  public let line: String
  /// What is passed over, or taken otherwise than its name says: a sentence each.
  public let remarks: [String]
  /// The label columns of a file that has one for each label; nil of other files.
  public let labelColumns: [String]?
  /// What a row without a text means.
  public let emptyTexts: DataColumns.EmptyTexts

  init(_ layout: FileLayout, _ roles: ColumnRoles, _ columns: DataColumns) {
    path = layout.data.path
    remarks = roles.remarks
    emptyTexts = columns.emptyTexts
    labelColumns =
      roles.labels == .columns
      ? zip(roles.names, roles.roles).compactMap { name, role in
        if case .label = role { name } else { nil }
      } : nil
    let parts = [
      "text “\(excerpt(columns.text))”", Self.labels(roles, labelColumns), Self.id(roles),
    ]
    line = "\(layout.name); " + parts.compactMap(\.self).joined(separator: ", ")
  }

  /// How the label columns differ from the labels that are wanted: a sentence each. Nothing where
  /// rows name their labels.
  public func remarks(onLabels wanted: [String], owner: String) -> [String] {
    guard let labelColumns else { return [] }
    let (present, known) = (Set(labelColumns), Set(wanted))
    let lacking = wanted.filter { !present.contains($0) }
    let extra = labelColumns.filter { !known.contains($0) }
    func list(_ names: [String]) -> String {
      names.prefix(5).map { "“\(excerpt($0))”" }.joined(separator: ", ")
        + (names.count > 5 ? " and \(names.count - 5) more" : "")
    }
    let one = extra.count == 1
    return [
      lacking.isEmpty
        ? nil : "there is no column for \(list(lacking)) of \(owner): 0 is taken in every row",
      extra.isEmpty
        ? nil
        : "the column\(one ? "" : "s") \(list(extra)) \(one ? "is no label" : "are no labels") of "
          + "\(owner): passed over",
    ].compactMap(\.self)
  }

  private static func id(_ roles: ColumnRoles) -> String {
    let name = zip(roles.names, roles.roles).first { $1 == .id }?.0
    return name.map { roles.hasIDs ? "id “\(excerpt($0))”" : "no id" } ?? "no id"
  }

  private static func labels(_ roles: ColumnRoles, _ columns: [String]?) -> String? {
    if let columns {
      let names = columns.prefix(4).map { "“\(excerpt($0))”" }.joined(separator: ", ")
      return "labels \(columns.count == 1 ? "1 column" : "\(columns.count) columns") of 0 and 1, "
        + names + (columns.count > 4 ? ", …" : "")
    }
    guard let name = zip(roles.names, roles.roles).first(where: { $1 == .labels })?.0 else {
      return nil
    }
    let form =
      switch roles.labels {
      case .names(let separator): "names with “\(excerpt(separator))” between them"
      case .lists: "lists of names"
      case .flags: "lists of 0 and 1"
      case .numbers: "numbers of the names"
      case .members: "objects of 0 and 1"
      case .columns, .none: ""
      }
    return "labels “\(excerpt(name))”, \(form)"
  }
}
