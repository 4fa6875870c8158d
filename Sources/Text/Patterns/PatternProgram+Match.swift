// Running a compiled regular expression over UTF-8.

/// What is tried when a match fails: from `position` at `instruction`; as long as `position` lies
/// behind `lowest`, also one character further back.
struct PatternChoice: Sendable {
  var instruction: Int
  var position: Int
  var lowest: Int
}

extension PatternProgram {
  /// The end of the match that begins at `start`; nil if there is none. Nothing at or beyond `end`
  /// is read. `stack` is for the matcher alone.
  func end(
    in text: Span<UInt8>, from start: Int, to end: Int, _ stack: inout [PatternChoice]
  ) -> Int? {
    run(0, text.extracting(first: end), start, &stack)
  }

  /// The first match from `start` on.
  func firstMatch(
    in text: Span<UInt8>, from start: Int, to end: Int, _ stack: inout [PatternChoice]
  ) -> Range<Int>? {
    var position = start
    let text = text.extracting(first: end)
    while position < end {
      if let matchEnd = run(0, text, position, &stack) { return position..<matchEnd }
      position += 1
      while position < end && text[position] & 0xC0 == 0x80 { position += 1 }
    }
    return nil
  }

  private func run(
    _ first: Int, _ text: Span<UInt8>, _ start: Int, _ stack: inout [PatternChoice]
  ) -> Int? {
    let floor = stack.count
    defer { stack.removeLast(stack.count - floor) }
    var instruction = first
    var position = start
    while true {
      var isAlive = true
      switch instructions[instruction] {
      case .match: return position
      case .jump(let target): instruction = target
      case .split(let now, let later):
        stack.append(PatternChoice(instruction: later, position: position, lowest: position))
        instruction = now
      case .set(let set):
        isAlive = step(set, text, &position)
        instruction += 1
      case .run:
        isAlive = take(instruction, text, &position, &stack)
        instruction += 1
      case .look(let end, let isNegative):
        isAlive = (run(instruction + 1, text, position, &stack) == nil) == isNegative
        instruction = end
      case .atomic(let end):
        if let next = run(instruction + 1, text, position, &stack) {
          (position, instruction) = (next, end)
        } else {
          isAlive = false
        }
      }
      if !isAlive {
        guard stack.count > floor else { return nil }
        (instruction, position) = Self.nextChoice(&stack, text)
      }
    }
  }

  /// Takes characters as a `run` says, and queues what is left of it to try.
  @inline(__always)
  private func take(
    _ instruction: Int, _ text: Span<UInt8>, _ position: inout Int,
    _ stack: inout [PatternChoice]
  ) -> Bool {
    guard
      case .run(let set, let minimum, let maximum, let isPossessive) = instructions[instruction],
      let lowest = run(sets[set], minimum...maximum, text, &position)
    else { return false }
    if !isPossessive, lowest < position {
      stack.append(
        PatternChoice(instruction: instruction + 1, position: position, lowest: lowest))
      stack[stack.count - 1].stepBack(text)
    }
    return true
  }

  @inline(__always)
  private func step(_ set: Int, _ text: Span<UInt8>, _ position: inout Int) -> Bool {
    guard position < text.count else { return false }
    return sets[set].contains(decodeScalar(text, at: &position, end: text.count))
  }

  /// Takes characters of a set. Returns the place behind the fewest that will do; nil where there
  /// are fewer.
  @inline(__always)
  private func run(
    _ set: ScalarSet, _ counts: ClosedRange<Int>, _ text: Span<UInt8>, _ position: inout Int
  ) -> Int? {
    var lowest = position
    var count = 0
    while count < counts.upperBound && position < text.count {
      var next = position
      guard set.contains(decodeScalar(text, at: &next, end: text.count)) else { break }
      position = next
      count += 1
      if count == counts.lowerBound { lowest = position }
    }
    return count < counts.lowerBound ? nil : lowest
  }

  @inline(__always)
  private static func nextChoice(
    _ stack: inout [PatternChoice], _ text: Span<UInt8>
  ) -> (instruction: Int, position: Int) {
    let choice = stack[stack.count - 1]
    if choice.lowest < choice.position {
      stack[stack.count - 1].stepBack(text)
    } else {
      stack.removeLast()
    }
    return (choice.instruction, choice.position)
  }
}

extension PatternChoice {
  /// One character back, but not before `lowest`.
  @inline(__always)
  fileprivate mutating func stepBack(_ text: Span<UInt8>) {
    position -= 1
    while position > lowest && text[position] & 0xC0 == 0x80 { position -= 1 }
  }
}
