import Configuration
import Foundation
import Models

/// The learning rate of each tensor, before the schedule's factor.
///
/// Layer-wise decay, with ξ = `layerwise_lr_decay`: the layer that lies d layers below the top one
/// has the rate η·ξ^d, and the embeddings are one more layer. Howard, Ruder, "Universal Language
/// Model Fine-tuning for Text Classification" (2018), section 3.2; for BERT: Sun, Qiu, Xu, Huang,
/// "How to Fine-Tune BERT for Text Classification?" (2019), section 5.3.4. The top layer and a
/// pooler have η, classifier and label attention have rates of their own.
struct LearningRates {
  let settings: TrainingSettings

  /// The highest rate of a tensor of `bucket`.
  func rate(of slot: ParameterSlot, in bucket: ParameterBucket) -> Double {
    switch slot.part {
    case .classifier: settings.classifierLearningRate
    case .labelAttention: settings.labelAttentionRate
    case .encoder, .pooler:
      settings.learningRate * pow(settings.layerwiseDecay, Double(bucket.layersAbove))
    }
  }
}
