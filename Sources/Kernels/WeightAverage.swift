// The exponential moving average of the parameters: its step, and its exchange with them.

import Memory

/// θ̄ ← θ̄ + rate·(θ − θ̄), in place; both have the same count.
/// - Parameter rate: 1 − d of this step, in 0...1.
public func updateAverage(_ average: Vector<Float>, of parameters: Vector<Float>, rate: Float) {
  let timer = KernelTimer(.optimizer)
  defer { timer.stop() }
  precondition(average.count == parameters.count)
  let (a, p) = (average.pointer, parameters.pointer)
  let rates = Lanes(repeating: rate)
  forEachVector(average.count) { i, lanes in
    let old = load(a + i, lanes)
    store(old.addingProduct(load(p + i, lanes) - old, rates), a + i, lanes)
  }
}

/// Exchanges the values of two vectors of the same count.
public func exchangeValues(_ first: Vector<Float>, _ second: Vector<Float>) {
  precondition(first.count == second.count)
  let (a, b) = (first.pointer, second.pointer)
  forEachVector(first.count) { i, lanes in
    let kept = load(a + i, lanes)
    store(load(b + i, lanes), a + i, lanes)
    store(kept, b + i, lanes)
  }
}
