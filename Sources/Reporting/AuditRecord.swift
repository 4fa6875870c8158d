import Storage

/// The content of audit.json: what is worth knowing of a run's data and weights before training.
package struct AuditRecord: JSONRecord, JSONConvertible {
  package static let fields: [JSONField<Self>] = [
    JSONField("labels", \.labels),
    JSONField("labels_by_training_positives", \.labelsByTrainingPositives),
    JSONField("parts", \.parts), JSONField("pos_weight", \.positiveWeights),
    JSONField("labels_with_the_same_rows", \.twins, isRequired: false),
    JSONField("labels_in_every_row", \.constantLabels, isRequired: false),
    JSONField("labels_with_the_rows_of_another", \.equalLabels, isRequired: false),
    JSONField("remarks", \.remarks, isRequired: false), JSONField("advice", \.advice),
  ]
  package var labels = 0
  package var labelsByTrainingPositives: [Bin] = []
  package var parts = Parts()
  package var positiveWeights = Weights()
  package var twins: [Twins] = []
  /// Labels that every training row has.
  package var constantLabels: [String] = []
  /// Pairs of labels that the very same training rows have.
  package var equalLabels: [[String]] = []
  /// What is passed over in the files, or taken otherwise than its name says.
  package var remarks: [String] = []
  package var advice: [AdviceRecord] = []
  package init() {}

  /// How many labels have a number of positive training rows between two bounds.
  package struct Bin: JSONRecord, JSONConvertible {
    package static let fields: [JSONField<Self>] = [
      JSONField("from", \.from), JSONField("to", \.to), JSONField("labels", \.labels),
    ]
    package var from = 0
    /// nil if there is no upper bound.
    package var to: Int?
    package var labels = 0
    package init() {}
  }

  /// The parts of the data by their names, training first.
  package struct Parts: Sendable, Equatable, JSONConvertible {
    package var names: [String] = []
    package var parts: [Part] = []
    package init() {}

    package var json: JSONValue { .object(JSONObject(zip(names, parts).map { ($0, $1.json) })) }

    package init?(json: JSONValue) {
      guard let object = json.object else { return nil }
      for (name, value) in object {
        guard let part = Part(json: value) else { return nil }
        names.append(name)
        parts.append(part)
      }
    }
  }

  /// The rows of a part of the data.
  package struct Part: JSONRecord, JSONConvertible {
    package static let fields: [JSONField<Self>] = [
      JSONField("rows", \.rows), JSONField("labels_a_row", \.labelsPerRow),
      JSONField("rows_without_label", \.unlabeledRows),
      JSONField("rows_with_earlier_text", \.repeatedRows),
      JSONField("rows_with_earlier_text_and_other_labels", \.contradictions),
      JSONField("rows_with_text_of_training", \.rowsSharedWithTraining),
      JSONField("rows_with_text_of_validation", \.rowsSharedWithValidation),
      JSONField("labels_absent", \.absentLabels),
      JSONField("most_frequent_absent", \.mostFrequentAbsent),
      JSONField("labels_that_training_lacks", \.unknownLabels),
      JSONField("most_frequent_that_training_lacks", \.mostFrequentUnknown),
      JSONField(ifPresent: "unknown_cells", \.unknownCells),
      JSONField(ifPresent: "unknown_rows_by_label", \.unknownRowsByLabel),
    ]
    package var rows = 0
    package var labelsPerRow = 0.0
    package var unlabeledRows = 0
    /// Rows whose text an earlier row of the part has, and those that then have other labels.
    package var repeatedRows = 0
    package var contradictions = 0
    package var rowsSharedWithTraining = 0
    package var rowsSharedWithValidation = 0
    /// Labels of training that no row of the part has.
    package var absentLabels = 0
    package var mostFrequentAbsent: [String] = []
    /// Labels of the part that training lacks.
    package var unknownLabels = 0
    package var mostFrequentUnknown: [LabelRows] = []
    /// Cells of which nobody knows whether the row has the label; nil where there are none.
    package var unknownCells: Int?
    package var unknownRowsByLabel: RowsByLabel?
    package init() {}
  }

  /// Numbers of rows by the names of labels.
  package struct RowsByLabel: Sendable, Equatable, JSONConvertible {
    package let names: [String]
    package let rows: [Int]

    package init(names: [String], rows: [Int]) {
      (self.names, self.rows) = (names, rows)
    }

    package var json: JSONValue {
      .object(JSONObject(zip(names, rows).map { ($0, .integer($1)) }))
    }

    package init?(json: JSONValue) {
      guard let object = json.object else { return nil }
      let values = object.map { ($0.0, $0.1.integer) }
      guard values.allSatisfy({ $0.1 != nil }) else { return nil }
      (names, rows) = (values.map(\.0), values.compactMap(\.1))
    }
  }

  /// Two labels that almost the same rows have.
  package struct Twins: JSONRecord, JSONConvertible {
    package static let fields: [JSONField<Self>] = [
      JSONField("labels", \.labels), JSONField("rows_with_both", \.shared),
      JSONField("rows_with_either", \.either),
    ]
    package var labels: [String] = []
    package var shared = 0
    package var either = 0
    package init() {}
  }

  /// A label and its rows.
  package struct LabelRows: JSONRecord, JSONConvertible {
    package static let fields: [JSONField<Self>] = [
      JSONField("label", \.label), JSONField("rows", \.rows),
    ]
    package var label = ""
    package var rows = 0
    package init() {}
  }

  /// The positive weights of all labels in short, and the largest of them.
  package struct Weights: JSONRecord, JSONConvertible {
    package static let fields: [JSONField<Self>] = [
      JSONField("min", \.minimum), JSONField("median", \.median), JSONField("max", \.maximum),
      JSONField("largest", \.largest),
    ]
    package var minimum = 1.0
    package var median = 1.0
    package var maximum = 1.0
    package var largest: [LabelWeight] = []
    package init() {}
  }

  /// The positive weight of a label.
  package struct LabelWeight: JSONRecord, JSONConvertible {
    package static let fields: [JSONField<Self>] = [
      JSONField("label", \.label), JSONField("training_positives", \.trainingPositives),
      JSONField("weight", \.weight),
    ]
    package var label = ""
    package var trainingPositives = 0
    package var weight = 1.0
    package init() {}
  }

  /// What will hurt, and the key to change.
  package struct AdviceRecord: JSONRecord, JSONConvertible {
    package static let fields: [JSONField<Self>] = [
      JSONField("what", \.what), JSONField("key", \.key),
    ]
    package var what = ""
    package var key = ""
    package init() {}
  }
}
