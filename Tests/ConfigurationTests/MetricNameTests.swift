import Configuration
import Objectives
import Testing

@Suite struct MetricNameTests {
  private let metrics: [MetricName] = [
    "loss", "micro_f1", "macro_f1", "micro_f1_global", "macro_f1_global", "samples_f1_global",
    "subset_accuracy_global", "hamming_accuracy_global", "macro_average_precision",
    "micro_average_precision", "label_ranking_average_precision", "precision_at_5",
    "micro_precision_global", "micro_recall_global",
  ]

  /// Names of scikit-learn and of the Hugging Face Trainer.
  @Test(arguments: [
    ("f1", ["micro_f1_global", "macro_f1_global", "samples_f1_global"]),
    ("eval_f1", ["micro_f1_global", "macro_f1_global", "samples_f1_global"]),
    ("eval_f1_micro", ["micro_f1_global"]), ("f1_macro", ["macro_f1_global"]),
    ("accuracy", ["subset_accuracy_global", "hamming_accuracy_global"]),
    ("roc_auc", ["macro_average_precision", "micro_average_precision"]),
    ("map", ["macro_average_precision", "label_ranking_average_precision"]),
    ("recall", ["micro_recall_global"]), ("precision_at_6", ["precision_at_5"]),
    ("mikro_f1", ["micro_f1"]),
  ])
  func theRightOnesAreOffered(name: String, offers: [String]) {
    var settings = EarlyStoppingSettings()
    settings.metricForBestModel = MetricName(parsing: name)
    let error = #expect(throws: ConfigurationError.self) { try settings.check(metrics: metrics) }
    let message = error.map { "\($0)" } ?? ""
    for metric in metrics {
      let isOffered = message.contains("\"\(metric)\"")
      #expect(isOffered == offers.contains(metric.description), "\(message): \(metric)")
    }
  }
}
