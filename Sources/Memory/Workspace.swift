/// Memory handed out piece by piece and taken back all at once: the activations of a step.
///
/// Address space for the worst case is taken once; resident memory is what steps have touched.
public final class Workspace {
  private let memory: AlignedMemory
  private let capacity: Int
  private var used = 0

  /// The most floats that were ever in use at one time.
  public private(set) var peak = 0

  /// Room for `capacity` floats.
  public init(capacity: Int) {
    self.capacity = capacity
    memory = AlignedMemory(byteCount: capacity * MemoryLayout<Float>.stride)
  }

  /// A place to return to with `release(to:)`.
  public struct Mark {
    fileprivate let used: Int
  }

  /// What is in use now.
  public var mark: Mark { Mark(used: used) }

  /// Takes back everything handed out since `mark`. Views of it must not be used any more.
  public func release(to mark: Mark) {
    precondition(mark.used <= used, "a mark of an earlier round")
    used = mark.used
  }

  /// Runs a body and takes back everything that it took.
  public func temporarily<Result>(_ body: () throws -> Result) rethrows -> Result {
    let start = mark
    defer { release(to: start) }
    return try body()
  }

  /// The most floats that a body takes of its workspace at one time. It must not touch them: the
  /// workspace only counts, and has no memory.
  public static func peak(_ body: (Workspace) -> Void) -> Int {
    let workspace = Workspace(memory: AlignedMemory(byteCount: 0), capacity: .max)
    body(workspace)
    return workspace.peak
  }

  private init(memory: AlignedMemory, capacity: Int) {
    self.memory = memory
    self.capacity = capacity
  }

  /// Takes back everything.
  public func reset() { used = 0 }

  /// `count` floats of unknown content, aligned to 64 bytes.
  public func vector(_ count: Int) -> Vector<Float> {
    vector(count, of: Float.self)
  }

  /// `count` values of unknown content, aligned to 64 bytes.
  public func vector<Element: BitwiseCopyable>(
    _ count: Int, of element: Element.Type
  ) -> Vector<Element> {
    let size = Workspace.size(of: count, element)
    precondition(used + size <= capacity, "the workspace of \(capacity) floats is too small")
    defer {
      used += size
      peak = max(peak, used)
    }
    let base = memory.base + used * MemoryLayout<Float>.stride
    return Vector(
      owner: memory, pointer: base.assumingMemoryBound(to: Element.self), count: count)
  }

  /// A matrix `[rows, columns]` of unknown content.
  public func matrix(_ rows: Int, _ columns: Int) -> Matrix<Float> {
    vector(rows * columns).matrix(rows, columns)
  }

  /// A matrix `[rows, columns]` of unknown content.
  public func matrix<Element: BitwiseCopyable>(
    _ rows: Int, _ columns: Int, of element: Element.Type
  ) -> Matrix<Element> {
    vector(rows * columns, of: element).matrix(rows, columns)
  }

  /// Floats that `vector(count)` takes from the workspace.
  public static func size(of count: Int) -> Int { size(of: count, Float.self) }

  /// Floats that `vector(count, of: element)` takes from the workspace.
  public static func size<Element: BitwiseCopyable>(
    of count: Int, _ element: Element.Type
  ) -> Int {
    (count * MemoryLayout<Element>.stride + 63) / 64 * 16
  }
}
