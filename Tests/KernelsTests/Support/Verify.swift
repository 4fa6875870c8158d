import Testing

/// Calls a kernel in every memory layout and once more, and checks that it writes only where it
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
  let first = run(what, .tight, sourceLocation, call)
  for layout in Layout.allCases {
    let again = run(what, layout, sourceLocation, call)
    for (name, values) in first where !haveSameBits(values, again[name] ?? []) {
      Issue.record(
        "\(what): \(name) has other bits in layout \(layout)", sourceLocation: sourceLocation)
    }
  }
  #expect(Set(first.keys) == Set(expected.keys), sourceLocation: sourceLocation)
  for (name, values) in expected {
    expectClose(
      first[name] ?? [], values, within: tolerance, "\(what): \(name)",
      sourceLocation: sourceLocation)
  }
  return first
}

private func run(
  _ what: String, _ layout: Layout, _ sourceLocation: SourceLocation,
  _ call: (GuardedMemory) -> Void
) -> [String: [Float]] {
  let memory = GuardedMemory(layout)
  call(memory)
  memory.expectIntact(what, sourceLocation: sourceLocation)
  return memory.written
}
