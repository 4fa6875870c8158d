import Kernels
import Memory

extension EncoderClassifier {
  /// New weights as Hugging Face makes them: matrices N(0, `initializer_range`), biases 0,
  /// LayerNorm's γ 1; and label attention 0, by which all tokens weigh alike. Each tensor's numbers
  /// depend on the seed and its name's place only.
  /// - Parameter isWanted: which tensors get new values.
  public func initializeParameters(seed: UInt64, where isWanted: (ParameterSlot) -> Bool) {
    for (number, slot) in layout.slots.enumerated() where isWanted(slot) {
      let values = parameters[slot.range]
      if slot.decays, slot.part != .labelAttention {
        fillNormal(
          values, deviation: configuration.initializerRange, seed: seed, stream: UInt32(number))
      } else {
        // The only vectors among the weights are γ.
        values.fill(slot.decays || !slot.name.hasSuffix(".weight") ? 0 : 1)
      }
    }
  }

  /// The classifier's biases, one a label.
  public func setClassifierBias(_ bias: [Float]) {
    guard let slot = layout.slots.first(where: { $0.part == .classifier && !$0.decays }) else {
      return
    }
    parameters[slot.range].copy(from: bias)
  }
}
