import Testing

/// Calls a kernel in every memory layout and once more, and expects that it writes only where it
/// may, that layouts and repetition change no bit, and that the results are those expected.
/// - Parameters:
///   - what: kernel and shape, for messages.
///   - expected: the scalar twin's results by the names that `call` gives its buffers.
///   - call: takes its operands from the memory and calls the kernel.
@discardableResult
func verify(
  _ what: String, _ expected: [String: [Double]], within tolerance: Tolerance,
  sourceLocation: SourceLocation = #_sourceLocation, call: (GuardedMemory) -> Void
) -> [String: [Float]] {
  let (results, faults) = examine(what, expected, within: tolerance, call: call)
  for fault in faults { Issue.record("\(fault)", sourceLocation: sourceLocation) }
  return results
}

/// What `verify` expects, as a list of what is wrong.
func examine(
  _ what: String, _ expected: [String: [Double]], within tolerance: Tolerance,
  call: (GuardedMemory) -> Void
) -> (results: [String: [Float]], faults: [String]) {
  var faults: [String] = []
  func run(_ layout: Layout) -> [String: [Float]] {
    let memory = GuardedMemory(layout)
    call(memory)
    faults += memory.faults(what)
    return memory.written
  }
  let first = run(.tight)
  for layout in Layout.allCases {
    let again = run(layout)
    for (name, values) in first where !haveSameBits(values, again[name] ?? []) {
      faults.append("\(what): \(name) has other bits in layout \(layout)")
    }
  }
  if Set(first.keys) != Set(expected.keys) {
    faults.append("\(what): results \(first.keys.sorted()), expected \(expected.keys.sorted())")
  }
  faults += expected.compactMap { name, values in
    difference(first[name] ?? [], values, within: tolerance, "\(what): \(name)")
  }
  return (first, faults)
}
