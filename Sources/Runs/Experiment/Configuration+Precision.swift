// Which arithmetic a configuration's precision stands for.

import Configuration
import Kernels

extension Configuration {
  /// Throws if this build or this processor lacks the precision that is asked for. `source` is the
  /// configuration's name in messages.
  package func checkPrecision(source: String) throws(ConfigurationError) {
    guard let obstacle = training.precision.products.obstacle else { return }
    throw .invalid(
      source: source,
      problems: [ConfigurationProblem(key: "training.precision", message: obstacle)])
  }
}

extension TrainingSettings.Precision {
  package var products: ProductPrecision {
    switch self {
    case .fp32: .float32
    case .bf16: .bfloat16
    }
  }
}
