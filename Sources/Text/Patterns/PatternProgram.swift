// A regular expression as a list of instructions for a matcher that backtracks.

/// One instruction; what is tried later lies on a stack.
enum PatternInstruction: Equatable, Sendable {
  /// A character of the set.
  case set(Int)
  /// As many characters of the set as there are, then one less with each step back.
  case run(set: Int, minimum: Int, maximum: Int, isPossessive: Bool)
  /// Goes on at the first place, later at the second.
  case split(Int, Int)
  case jump(Int)
  /// Goes on at `end` if what lies before it matches here, or if it does not.
  case look(end: Int, isNegative: Bool)
  /// Goes on at `end` behind the first match of what lies before it.
  case atomic(end: Int)
  case match
}

/// A regular expression, compiled.
struct PatternProgram: Equatable, Sendable {
  var instructions: [PatternInstruction] = []
  var sets: [ScalarSet] = []
  private static let limit = 10_000

  /// Throws `PatternError`.
  init(_ pattern: String) throws(PatternError) {
    var parser = PatternParser(pattern)
    let node = try parser.parse()
    guard !node.canBeEmpty else { throw PatternError(problem: "a match of nothing") }
    try add(node)
    instructions.append(.match)
  }

  private mutating func add(_ node: PatternNode) throws(PatternError) {
    guard instructions.count < Self.limit else { throw PatternError(problem: "its length") }
    switch node {
    case .set(let set): instructions.append(.set(index(set)))
    case .sequence(let parts): for part in parts { try add(part) }
    case .alternatives(let parts): try add(alternatives: parts)
    case .repetition(let part, let repetition): try add(part, repetition)
    case .lookahead(let part, let isNegative):
      try addBlock(part) { .look(end: $0, isNegative: isNegative) }
    }
  }

  private mutating func add(alternatives parts: [PatternNode]) throws(PatternError) {
    var jumps: [Int] = []
    for (number, part) in parts.enumerated() {
      guard number < parts.count - 1 else {
        try add(part)
        break
      }
      let split = reserve()
      try add(part)
      jumps.append(reserve())
      instructions[split] = .split(split + 1, instructions.count)
    }
    for jump in jumps { instructions[jump] = .jump(instructions.count) }
  }

  private mutating func add(_ part: PatternNode, _ repetition: Repetition) throws(PatternError) {
    if case .set(let set) = part, repetition.kind != .lazy {
      instructions.append(
        .run(
          set: index(set), minimum: repetition.minimum, maximum: repetition.maximum ?? .max,
          isPossessive: repetition.kind == .possessive))
    } else if repetition.kind == .possessive {
      var greedy = repetition
      greedy.kind = .greedy
      try addBlock(.repetition(part, greedy)) { .atomic(end: $0) }
    } else {
      for _ in 0..<repetition.minimum { try add(part) }
      if let maximum = repetition.maximum {
        try addOptional(part, maximum - repetition.minimum, isLazy: repetition.kind == .lazy)
      } else {
        try addLoop(part, isLazy: repetition.kind == .lazy)
      }
    }
  }

  private mutating func addOptional(
    _ part: PatternNode, _ count: Int, isLazy: Bool
  ) throws(PatternError) {
    var splits: [Int] = []
    for _ in 0..<count {
      splits.append(reserve())
      try add(part)
    }
    let end = instructions.count
    for split in splits {
      instructions[split] = isLazy ? .split(end, split + 1) : .split(split + 1, end)
    }
  }

  private mutating func addLoop(_ part: PatternNode, isLazy: Bool) throws(PatternError) {
    let split = reserve()
    try add(part)
    instructions.append(.jump(split))
    let end = instructions.count
    instructions[split] = isLazy ? .split(end, split + 1) : .split(split + 1, end)
  }

  /// A part that is matched by itself: an instruction with its end, the part, `match`.
  private mutating func addBlock(
    _ part: PatternNode, _ make: (Int) -> PatternInstruction
  ) throws(PatternError) {
    let start = reserve()
    try add(part)
    instructions.append(.match)
    instructions[start] = make(instructions.count)
  }

  private mutating func reserve() -> Int {
    instructions.append(.match)
    return instructions.count - 1
  }

  private mutating func index(_ set: ScalarSet) -> Int {
    if let index = sets.firstIndex(of: set) { return index }
    sets.append(set)
    return sets.count - 1
  }
}
