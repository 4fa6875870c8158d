// Which arithmetic a configuration's precision stands for.

import Collectives
import Configuration
import Kernels
import Storage

extension Configuration {
  /// Throws if this build or this processor lacks the precision that is asked for. `source` is the
  /// configuration's name in messages.
  package func checkPrecision(source: String) throws(ConfigurationError) {
    guard training.precision == .bf16, let obstacle = ProductPrecision.bfloat16.obstacle else {
      return
    }
    throw .invalid(
      source: source,
      problems: [ConfigurationProblem(key: "training.precision", message: obstacle)])
  }
}

extension Configuration {
  /// The configuration with what a run that it has begun in its output directory chose for keys
  /// that are "auto"; unchanged where there is no such run. Collective.
  package func resuming(_ communicator: Communicator) throws -> Configuration {
    var text: [UInt8] = []
    try communicator.rootOnly {
      let path = RunDirectory(path: outputDirectory).config
      if fileKind(path) != nil { text = try Configuration.bytes(of: path) }
    }
    text = try communicator.broadcast(text)
    guard !text.isEmpty else { return self }
    return try communicator.everyRank { chosen(by: try JSONValue(parsing: text)) ?? self }
  }
}

extension TrainingSettings.Precision {
  package var products: ProductPrecision {
    switch self {
    case .auto: preconditionFailure("an experiment chooses the precision before it makes a model")
    case .fp32: .float32
    case .bf16: .bfloat16
    }
  }
}
