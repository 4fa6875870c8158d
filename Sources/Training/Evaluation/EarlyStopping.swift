import Configuration

/// Which evaluation is the best one, and when to give up waiting for a better one.
struct EarlyStopping {
  let settings: EarlyStoppingSettings

  /// Takes the value of an evaluation into the state. Returns whether it is the best so far.
  func judge(_ value: Double, _ state: inout TrainingState) -> Bool {
    state.lastEvaluation = state.step
    guard isBetter(value, than: state.bestValue) else {
      state.evaluationsWithoutGain += 1
      if let patience = settings.patience, state.evaluationsWithoutGain >= patience {
        state.hasStoppedEarly = true
      }
      return false
    }
    state.bestValue = value
    state.bestStep = state.step
    state.evaluationsWithoutGain = 0
    return true
  }

  /// The first value is always the best; NaN never is better than a number.
  private func isBetter(_ value: Double, than best: Double?) -> Bool {
    guard let best, !best.isNaN else { return true }
    return settings.greaterIsBetter
      ? value > best + settings.threshold : value < best - settings.threshold
  }
}
