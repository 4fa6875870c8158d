// The kinds of models, by what a configuration asks for.

import Configuration

/// The source that a configuration asks for. Throws what reading the model's description does.
func makeModelSource(_ configuration: Configuration) throws -> any ModelSource {
  if configuration.model.kind == .linear { return LinearSource() }
  let bert = try BertSource(configuration.model, freezing: configuration.training.freezing)
  return bert.freezing == .everything ? FrozenBertSource(bert) : bert
}
