// How a saved model is used outside of this program: the part of a model card that users copy.

import Models

/// What somebody must know to get logits from a saved model.
package enum ModelUsage: Equatable {
  /// By `transformers`.
  /// - Parameters:
  ///   - needsRemoteCode: whether by code that the model brings.
  ///   - readsTexts: whether the model wants the texts beside their tokens.
  case transformers(needsRemoteCode: Bool, readsTexts: Bool)
  /// By this program; features.tsv and linear.safetensors are read without it, too.
  case linear

  /// That of a saved BERT.
  package init(_ model: ModelDescription) {
    self = .transformers(
      needsRemoteCode: model.needsRemoteCode, readsTexts: model.hasLinearPart)
  }

  /// Markdown.
  package func text(maxLength: Int) -> String {
    guard case .transformers(let needsRemoteCode, let readsTexts) = self else {
      return """
        ```
        ddp-train predict --model directory --input texts.jsonl --output predictions.jsonl
        ```

        `features.tsv` and `linear.safetensors` are what a program in another language needs.
        """
    }
    let arguments = needsRemoteCode ? "directory, trust_remote_code=True" : "directory"
    let explanation =
      readsTexts
      ? """
      The model reads TF-IDF features of the whole texts, too: `texts` are passed beside their tokens. Or

      ```python
      from transformers import pipeline

      classify = pipeline("text-classification", model=\(arguments), top_k=None)
      classify(texts, truncation=True)
      ```

      """ : ""
    return """
      ```python
      from transformers import AutoModelForSequenceClassification, AutoTokenizer

      tokenizer = AutoTokenizer.from_pretrained(\(arguments))
      model = AutoModelForSequenceClassification.from_pretrained(\(arguments))
      tokens = tokenizer(texts, truncation=True, max_length=\(maxLength), padding=True, \
      return_tensors="pt")
      logits = model(**tokens\(readsTexts ? ", texts=texts" : "")).logits
      ```

      \(explanation)
      """
  }
}
