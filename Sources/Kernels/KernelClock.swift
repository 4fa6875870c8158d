// Where a rank's time goes, by kind of kernel. Every entry point of this module that a training
// step uses has a timer; it costs two readings of the clock, some 50 ns, beside the 50 µs of a
// short kernel. A kernel inside another one counts as part of that.

import CKernelClock

/// What a kernel does, as the log of a run splits the time of its steps.
public enum KernelKind: Int32, CaseIterable, Sendable {
  /// Matrix products a·bᵀ: dense layers forward. With matrix tiles what follows on a product block
  /// by block counts as part of it, here and below: GELU, rounding.
  case forwardProduct
  /// Matrix products a·b: gradients of dense layers' inputs.
  case inputGradientProduct
  /// Matrix products aᵀ·b: gradients of dense layers' weights.
  case weightGradientProduct
  /// Rounding to bfloat16 what products read, if no other kernel does it in passing.
  case rounding
  /// Attention of all heads, its products and its dropout included.
  case attentionForward
  case attentionBackward
  /// LayerNorm with what is fused into it: bias, dropout, residual.
  case layerNorm
  case gelu
  /// Dropout that is fused into nothing: after the embeddings, before the classifier.
  case dropout
  /// Look-up, and the gradients of words and positions.
  case embedding
  /// Of queries and keys, by their places.
  case rotation
  case pooling
  case loss
  /// Products of sparse features with a linear model's weights.
  case sparseProduct
  /// Additions of gradients, and sums over tokens.
  case reduction
  /// AdamW and the norm of the gradient.
  case optimizer

  /// What the log calls it.
  public var name: String {
    switch self {
    case .forwardProduct: "product_forward"
    case .inputGradientProduct: "product_input_gradient"
    case .weightGradientProduct: "product_weight_gradient"
    case .attentionForward: "attention_forward"
    case .attentionBackward: "attention_backward"
    case .layerNorm: "layer_norm"
    case .sparseProduct: "sparse_product"
    case .rounding, .gelu, .dropout, .embedding, .rotation, .pooling, .loss, .reduction, .optimizer:
      String(describing: self)
    }
  }

  /// The kind of a matrix product of these forms.
  static func product(aTransposed: Bool, bTransposed: Bool) -> KernelKind {
    if aTransposed { return .weightGradientProduct }
    return bTransposed ? .forwardProduct : .inputGradientProduct
  }
}

/// Measures one call of a kernel: made at its beginning, stopped at its end.
struct KernelTimer {
  private let kind: KernelKind
  private let isOutermost: Bool

  @inline(__always)
  init(_ kind: KernelKind) {
    self.kind = kind
    isOutermost = kernel_clock_begin()
  }

  @inline(__always)
  func stop() {
    if isOutermost { kernel_clock_end(kind.rawValue) }
  }
}

/// What has to go on while a thread computes, such as messages to other ranks: an action
/// between its kernels.
public final class BetweenKernels {
  private let action: () throws -> Void
  private var error: (any Error)?

  /// Without effect until `during`.
  public init(_ action: @escaping () throws -> Void) {
    self.action = action
  }

  /// Runs a body, and the action after each of its kernels on this thread until one throws: that
  /// error is thrown at the body's end. The body must not itself do what the action does.
  public func during(_ body: () throws -> Void) throws {
    error = nil
    kernel_hook_set(
      { context in
        guard let context else { return }
        Unmanaged<BetweenKernels>.fromOpaque(context).takeUnretainedValue().act()
      }, Unmanaged.passUnretained(self).toOpaque())
    defer { kernel_hook_set(nil, nil) }
    try body()
    if let error { throw error }
  }

  private func act() {
    guard error == nil else { return }
    do { try action() } catch { self.error = error }
  }
}

/// Seconds that the calling thread spent in kernels, by kind.
public struct KernelTimes: Sendable {
  private var nanoseconds = [Int64](repeating: 0, count: Int(kernel_clock_kinds))

  /// None.
  public init() {}

  /// What the calling thread spent since it last asked.
  public static func take() -> KernelTimes {
    var times = KernelTimes()
    times.nanoseconds.withUnsafeMutableBufferPointer { buffer in
      if let base = buffer.baseAddress { kernel_clock_take(base) }
    }
    return times
  }

  /// Seconds of one kind.
  public subscript(kind: KernelKind) -> Double {
    Double(nanoseconds[Int(kind.rawValue)]) / 1e9
  }

  /// Adds other times.
  public mutating func add(_ other: KernelTimes) {
    for index in nanoseconds.indices { nanoseconds[index] += other.nanoseconds[index] }
  }
}
