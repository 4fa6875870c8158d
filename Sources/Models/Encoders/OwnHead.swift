// The head of a family's own class for classification: one dense layer on a vector of the row, then
// a linear classifier.

/// What stands between the last hidden states and the classifier in a family's own class, such as
/// `BertForSequenceClassification`.
package struct OwnHead: Sendable, Equatable {
  /// What it reads.
  package enum Reading: String, Sendable {
    /// The first token's hidden state.
    case firstToken = "cls"
    /// The mean of the row's.
    case mean
  }

  /// What follows the dense layer.
  package enum Activation: Sendable { case tanh, gelu, relu }

  /// A LayerNorm behind the activation.
  package struct Norm: Sendable, Equatable {
    /// Of its tensors, without ".weight".
    let name: String
    let epsilon: Float
    let hasBias: Bool
  }

  var reading = Reading.firstToken
  /// What the names of the dense layer's tensors begin with.
  package let dense: String
  var hasBias = true
  let activation: Activation
  var norm: Norm?
  /// Whether dropout stands before the dense layer, too.
  var dropsInput = false
  /// What the names of the classifier's tensors begin with.
  var classifier = "classifier"
}
