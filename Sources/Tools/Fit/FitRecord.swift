// `fit.json`: what a fit has decided, so that an interrupted one goes on as it began.

import Reporting
import Storage

struct FitRecord: JSONRecord {
  static let fields: [JSONField<Self>] = [
    JSONField("program", \.program), JSONField("data", \.data), JSONField("optimize", \.goal),
    JSONField("minutes", \.minutes), JSONField("seconds", \.seconds),
    JSONField(ifPresent: "encoder", \.encoder), JSONField(ifPresent: "max_length", \.maxLength),
    JSONField(ifPresent: "num_train_epochs", \.epochs),
    JSONField(ifPresent: "training_tokens_per_second", \.trainingRate),
    JSONField(ifPresent: "chosen", \.chosen),
  ]
  var program = ""
  var data = ""
  var goal = ""
  var minutes = 0.0
  /// What all starts have used together.
  var seconds = 0.0
  /// The encoder's directory, once its training is decided.
  var encoder: String?
  var maxLength: Int?
  var epochs: Double?
  var trainingRate: Double?
  /// The model that is in best/.
  var chosen: String?

  /// How the encoder is trained; nil before it is decided.
  var effort: EncoderEffort? {
    guard let maxLength, let epochs else { return nil }
    return EncoderEffort(maxLength: maxLength, epochs: epochs)
  }
}
