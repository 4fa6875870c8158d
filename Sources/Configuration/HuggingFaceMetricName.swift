// Names of metrics that users bring from scikit-learn and the Hugging Face `Trainer`.

import Objectives
import Storage

/// What is offered for a metric's name that no evaluation gives.
enum HuggingFaceMetricName {
  /// By the words of the name, in whatever order: `f1_micro`, `micro-f1`, `eval_f1`.
  private static let offers: [(words: Set<String>, names: [MetricName])] = [
    (["f1", "micro"], ["micro_f1_global"]),
    (["f1", "macro"], ["macro_f1_global"]),
    (["f1", "weighted"], ["micro_f1_global", "macro_f1_supported_global"]),
    (["f1", "samples"], ["samples_f1_global"]),
    (["f1"], ["micro_f1_global", "macro_f1_global", "samples_f1_global"]),
    (["precision", "micro"], ["micro_precision_global"]),
    (["precision", "macro"], ["macro_precision_global"]),
    (["average", "precision"], ["micro_average_precision", "macro_average_precision"]),
    (["precision"], ["micro_precision_global", "precision_at_1"]),
    (["recall", "micro"], ["micro_recall_global"]),
    (["recall", "macro"], ["macro_recall_global"]),
    (["recall"], ["micro_recall_global", "recall_at_5"]),
    (["accuracy"], ["subset_accuracy_global", "hamming_accuracy_global"]),
    (["acc"], ["subset_accuracy_global", "hamming_accuracy_global"]),
    (["hamming"], ["hamming_accuracy_global"]),
    (["exact"], ["subset_accuracy_global"]),
    (["jaccard"], ["samples_f1_global", "micro_f1_global"]),
    (["auc"], ["macro_average_precision", "micro_average_precision"]),
    (["roc"], ["macro_average_precision", "micro_average_precision"]),
    (["map"], ["macro_average_precision", "label_ranking_average_precision"]),
    (["mrr"], ["label_ranking_average_precision"]),
    (["lrap"], ["label_ranking_average_precision"]),
    (["ndcg"], ["ndcg_at_5"]),
  ]

  /// The one that is a slip of the pen away, else those for the name's first known words, else the
  /// one that is spelled most like it.
  static func offered(for name: MetricName, among metrics: [MetricName]) -> [MetricName] {
    let scalars = Array(name.description.unicodeScalars)
    let nearest = metrics.map { ($0, editDistance(scalars, Array($0.description.unicodeScalars))) }
      .min { $0.1 < $1.1 }
    if let nearest, nearest.1 <= 2 { return [nearest.0] }
    let separators: Set<Character> = ["_", "-", " ", "@"]
    let parts = name.description.lowercased().split { separators.contains($0) }
    let words = Set(parts.map(String.init))
    for (known, names) in offers where known.isSubset(of: words) {
      let given = names.filter(metrics.contains)
      if !given.isEmpty { return given }
    }
    return nearest.map { [$0.0] } ?? []
  }
}
