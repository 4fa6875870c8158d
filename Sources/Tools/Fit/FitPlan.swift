// What a fit is going to do, as far as it is known before anything is trained.

import Collectives
import Configuration
import Data
import Foundation
import Reporting
import Storage

/// The configurations of a fit's runs. The same on every rank.
struct FitPlan {
  let options: FitOptions
  let directory: FitDirectory
  /// What was found out of the columns.
  let guess: ColumnGuess
  /// What is passed over or taken otherwise than its name says.
  let remarks: [String]
  /// The most frequent labels of the first rows.
  let frequentLabels: [(name: String, rows: Int)]
  /// Rows that were looked at.
  let sampledRows: Int
  /// The encoder's directory; nil where there is none.
  let encoder: String?
  private let ranks: Int

  /// Looks at the file. Throws `DataError` where its columns are not clear.
  init(_ options: FitOptions, ranks: Int) throws {
    self.options = options
    self.ranks = ranks
    directory = FitDirectory(options)
    let sample = try FileSample(
      path: options.data, text: options.columns.text, dialect: options.columns.dialect)
    guess = try ColumnGuess(sample, options.columns)
    sampledRows = sample.rowCount
    frequentLabels = guess.frequentLabels(in: sample)
    // What the reader of the whole file would refuse is refused before anything is trained.
    remarks = try DataSource(path: options.data, columns: guess.columns).summary.remarks
    encoder = try Self.encoder(options)
  }

  private static func encoder(_ options: FitOptions) throws -> String? {
    let path = options.encoder ?? FitOptions.defaultEncoder
    if fileKind("\(modelDirectory(of: path))/config.json") != nil { return path }
    guard options.encoder == nil else {
      throw Failure(
        .missingInput,
        "\(path): no encoder is there; --encoder wants the directory of a Hugging Face model")
    }
    return nil
  }

  /// The linear model: TF-IDF of words and of character n-grams.
  func linear() throws -> Configuration {
    try configuration(
      [
        "model": ["type": "linear", "linear": ["char_ngrams": [3, 5]]],
        "data": .object(data), "early_stopping": earlyStopping,
        "training": ["microbatches": microbatches(atLeast: 8)],
        "evaluation": evaluation, "output_dir": .string(directory.linear.path),
      ], name: "linear")
  }

  /// The encoder, trained as long as its budget allows.
  /// - Parameter tfidf: the n-grams of a linear model that is to be read beside it; nil for none.
  func encoder(_ effort: EncoderEffort, tfidf: JSONValue? = nil) throws -> Configuration {
    var model: JSONObject = [
      "name_or_path": .string(encoder ?? ""), "max_length": .integer(effort.maxLength),
      "pooling": "label_attention",
    ]
    if let tfidf { model["tfidf"] = tfidf }
    return try configuration(
      [
        "model": .object(model), "data": .object(data),
        "loss": ["type": "bce", "pos_weight": "none"],
        "training": [
          "num_train_epochs": .double(effort.epochs),
          "train_batch_size": .integer(EncoderBudget.batchSize),
          "microbatches": microbatches(atLeast: 2),
        ],
        "early_stopping": earlyStopping, "evaluation": evaluation,
        "checkpointing": ["save_strategy": "no", "save_minutes": 5, "save_total_limit": 1],
        "output_dir": .string(directory.encoder.path),
      ], name: "encoder")
  }

  /// Tokens that the encoder has positions for, at most 512; nil without an encoder.
  func longestRow() throws -> Int? {
    try encoder.map { encoder in
      let json = try JSONValue(contentsOf: "\(modelDirectory(of: encoder))/config.json")
      return min(512, json["max_position_embeddings"]?.integer ?? 512)
    }
  }

  private func microbatches(atLeast count: Int) -> JSONValue {
    .integer(ReductionFactors.microbatches(atLeast: count, ranks: ranks))
  }

  private func configuration(_ json: JSONObject, name: String) throws -> Configuration {
    var configuration = try Configuration(.object(json), source: "fit's \(name) config")
    configuration.data.style = .fit
    return configuration
  }

  private var earlyStopping: JSONValue {
    let metric = options.goal == .macroF1 ? "macro_f1_global" : "micro_f1_global"
    return ["metric_for_best_model": .string(metric), "patience": .null]
  }

  private var evaluation: JSONValue {
    ["threshold": options.goal == .macroF1 ? "per_label" : "global"]
  }

  private var data: JSONObject {
    var data: JSONObject = [
      "train": .string(options.data), "text_column": .string(guess.columns.text),
      "id_column": .string(guess.columns.id),
    ]
    if let labels = guess.columns.labels {
      data["labels_column"] = .string(labels)
      data["labels_separator"] = guess.columns.labelsSeparator.map { .string($0) }
    }
    addForm(to: &data)
    let ignored = guess.columns.ignored.filter { $0 != options.group }
    if !ignored.isEmpty { data["ignored_columns"] = .array(ignored.map { .string($0) }) }
    if let group = options.group { data["group_column"] = .string(group) }
    if let validation = options.validation { data["validation"] = .string(validation) }
    if let test = options.test {
      data["test"] = .string(test)
    } else {
      data["test_fraction"] = 0.1
    }
    return data
  }

  /// What the user says about the form of the file.
  private func addForm(to data: inout JSONObject) {
    func texts(_ values: [String]) -> JSONValue { .array(values.map { .string($0) }) }
    let columns = guess.columns
    data["separator"] = columns.dialect.separator.map { .string($0) }
    data["quoting"] = columns.dialect.quoting.map { .string($0.rawValue) }
    if !columns.dialect.columnNames.isEmpty {
      data["column_names"] = texts(columns.dialect.columnNames)
    }
    switch columns.labelNames {
    case .list(let names): data["label_names"] = texts(names)
    case .file(let path): data["label_names"] = .string(path)
    case nil: break
    }
    if columns.emptyCells != .error { data["empty_cells"] = .string(columns.emptyCells.rawValue) }
    if columns.emptyTexts != .error { data["empty_texts"] = .string(columns.emptyTexts.rawValue) }
  }

  /// What was found out, with the option that overrules it.
  var lines: [String] {
    func line(_ name: String, _ value: String, _ option: String) -> String {
      let text = "  \(name.padding(to: 9))\(value.padding(to: 58))"
      return option.isEmpty ? "  \(name.padding(to: 9))\(value)" : "\(text) \(option)"
    }
    func some(_ names: [String]) -> String {
      names.count <= 3
        ? names.map { "“\($0)”" }.joined(separator: ", ")
        : "\(names.count) columns, “\(names[0])” to “\(names[names.count - 1])”"
    }
    var lines = ["\(options.data), by its first \(sampledRows) rows:"]
    lines.append(line("text", "“\(guess.columns.text)”", "--text COLUMN"))
    if guess.labelColumns.isEmpty {
      let form =
        guess.columns.labelsSeparator.map { "names with “\($0)” between them" }
        ?? "a list of names"
      let names = "“\(guess.columns.labels ?? "labels")”, \(form)"
      lines.append(line("labels", names, "--labels-column COLUMN --labels-separator S"))
    } else {
      lines.append(line("labels", some(guess.labelColumns), "--labels 'A,B,tag_*'"))
    }
    if guess.unknownCellCount > 0 {
      let cells = "\(guess.unknownCellCount) cells that nobody knows, which count nowhere"
      lines.append(line("unknown", cells, ""))
    }
    if !frequentLabels.isEmpty {
      let shown = frequentLabels.map { "“\($0.name)” \($0.rows)" }
      lines.append(line("frequent", shown.joined(separator: ", "), ""))
    }
    if let id = guess.id { lines.append(line("id", "“\(id)”", "--id COLUMN")) }
    if !guess.constant.isEmpty {
      lines.append(line("left out", "\(some(guess.constant)): the same in every row", ""))
    }
    if !guess.other.isEmpty { lines.append(line("left out", some(guess.other), "")) }
    lines += remarks.map { "  \($0)" }
    return lines
  }
}

/// How long the encoder is trained.
struct EncoderEffort: Equatable {
  /// Tokens of a row at most.
  let maxLength: Int
  let epochs: Double
}

/// The layout of a fit's directory.
struct FitDirectory {
  let path: String

  init(_ options: FitOptions) {
    let name = URL(fileURLWithPath: options.data).deletingPathExtension().lastPathComponent
    path = options.output ?? "runs/\(name)"
  }

  /// What was decided, for a later start to go on with.
  var record: String { "\(path)/\(ComparedRun.recordOfFit)" }
  /// The run of the linear model.
  var linear: RunDirectory { RunDirectory(path: "\(path)/linear") }
  /// The run of the encoder.
  var encoder: RunDirectory { RunDirectory(path: "\(path)/encoder") }
  /// The result, laid out as a run.
  var result: RunDirectory { RunDirectory(path: path) }
}
