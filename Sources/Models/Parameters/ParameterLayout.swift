// Where each parameter lies in the one buffer that holds them all.

import Kernels

/// A named tensor inside the parameter buffer.
public struct ParameterSlot: Sendable, Equatable {
  /// The Hugging Face name, such as `bert.pooler.dense.weight`.
  public let name: String
  /// Sizes, outermost first.
  public let shape: [Int]
  /// Its floats in the buffer.
  public let range: Range<Int>
  /// What it belongs to.
  public let part: Part

  /// Parts of a model that files may lack, and the rest.
  public enum Part: Sendable, Equatable {
    case encoder
    /// What makes features of hidden states.
    case pooler
    /// The last, linear part.
    case classifier
    /// By what labels weight tokens.
    case labelAttention
  }

  /// Whether it has a line for each label, and is new if the labels are.
  public var isHead: Bool { part == .classifier || part == .labelAttention }

  /// Whether weight decay applies: to matrices, not to biases and LayerNorm.
  public var decays: Bool { shape.count > 1 }
}

/// Parameters whose gradients become ready, travel and are updated together: a layer.
public struct ParameterBucket: Sendable, Equatable {
  /// How the bucket's gradient is passed on.
  public enum Kind: Sendable, Equatable {
    /// Every value.
    case dense
    /// One matrix whose gradient is zero but in the rows that the step's tokens name.
    case sparseRows(rows: Int, columns: Int)
  }

  /// For messages and time tables.
  public let name: String
  /// Its floats in the buffer; begins and ends at multiples of `blockSize`.
  public let range: Range<Int>
  /// The bucket's tensors, as indices of `ParameterLayout.slots`.
  public let slots: Range<Int>
  /// How its gradient is passed on.
  public let kind: Kind
  /// Where it stands, and whether it is trained.
  public let place: Place

  /// A bucket's place in the network.
  public struct Place: Sendable, Equatable {
    /// How many layers lie between it and the classifier: 0 for the top layer, and for what lies
    /// above.
    public var layersAbove = 0
    /// Whether its parameters stay as they are: it has no gradient.
    public var isFrozen = false
  }

  /// How many layers lie between it and the classifier.
  public var layersAbove: Int { place.layersAbove }
  /// Whether its parameters stay as they are.
  public var isFrozen: Bool { place.isFrozen }
}

/// A table whose gradient is zero but in the rows that a step's tokens name.
public struct EmbeddingTable: Sendable, Equatable {
  /// The index of its bucket.
  public let bucket: Int
  /// Rows of the table.
  public let rows: Int
}

/// The table of all parameters: buckets from the input to the output, slots inside them.
public struct ParameterLayout: Sendable, Equatable {
  /// All tensors in the order of the buffer.
  public private(set) var slots: [ParameterSlot] = []
  /// All buckets in the order of the forward pass.
  public private(set) var buckets: [ParameterBucket] = []
  /// Floats in the buffer, padding included.
  public private(set) var count = 0

  init() {}

  /// Values of the model, padding left out.
  public var parameterCount: Int { slots.reduce(0) { $0 + $1.range.count } }

  /// Values that are trained, padding left out.
  public var trainedCount: Int {
    trainedBuckets.flatMap { slots[buckets[$0].slots] }.reduce(0) { $0 + $1.range.count }
  }

  /// The buckets that have gradients, in the order of the forward pass.
  public var trainedBuckets: [Int] { buckets.indices.filter { !buckets[$0].isFrozen } }

  /// The table of embeddings that is trained; nil if there is none.
  public var trainedTable: EmbeddingTable? {
    let tables = trainedBuckets.compactMap { index -> EmbeddingTable? in
      guard case .sparseRows(let rows, _) = buckets[index].kind else { return nil }
      return EmbeddingTable(bucket: index, rows: rows)
    }
    precondition(tables.count <= 1, "one table of embeddings at most")
    return tables.first
  }

  /// The slot of that name.
  public subscript(name: String) -> ParameterSlot? { slots.first { $0.name == name } }

  /// The floats of a bucket that belong to no tensor, counted from the bucket's beginning. They are
  /// zero in parameters and moments, and must be so in gradients.
  public func gaps(inBucket index: Int) -> [Range<Int>] {
    let bucket = buckets[index]
    var (gaps, end) = ([Range<Int>](), bucket.range.lowerBound)
    for slot in slots[bucket.slots] {
      if slot.range.lowerBound > end { gaps.append(end..<slot.range.lowerBound) }
      end = slot.range.upperBound
    }
    if bucket.range.upperBound > end { gaps.append(end..<bucket.range.upperBound) }
    let start = bucket.range.lowerBound
    return gaps.map { $0.lowerBound - start..<$0.upperBound - start }
  }

  /// A tensor to be laid out: name and shape.
  typealias Tensor = (name: String, shape: [Int])

  /// Appends a bucket. Each group's tensors lie end to end; a group begins at a cache line.
  mutating func append(
    _ name: String, kind: ParameterBucket.Kind = .dense,
    place: ParameterBucket.Place = .init(),
    part: (String) -> ParameterSlot.Part = { _ in .encoder }, groups: [[Tensor]]
  ) {
    let (start, firstSlot) = (count, slots.count)
    for group in groups {
      count = (count + 15) / 16 * 16
      for tensor in group {
        let size = tensor.shape.reduce(1, *)
        slots.append(
          ParameterSlot(
            name: tensor.name, shape: tensor.shape, range: count..<count + size,
            part: part(tensor.name)))
        count += size
      }
    }
    count = (count + blockSize - 1) / blockSize * blockSize
    buckets.append(
      ParameterBucket(
        name: name, range: start..<count, slots: firstSlot..<slots.count, kind: kind,
        place: place))
  }
}
