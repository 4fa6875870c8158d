/// Which part of an encoder keeps its weights.
public enum EncoderFreezing: Sendable, Equatable {
  /// All of it is trained.
  case nothing
  /// The embeddings and so many layers above them keep their weights; a pooler is trained.
  case layers(Int)
  /// Embeddings, layers and pooler keep their weights.
  case everything

  /// How many of `total` layers keep their weights.
  func layerCount(of total: Int) -> Int {
    switch self {
    case .nothing: 0
    case .layers(let count): min(count, total)
    case .everything: total
    }
  }

  /// Whether the embeddings keep their weights.
  public var includesEmbeddings: Bool { self != .nothing }

  /// Whether a layer, counted from the embeddings, keeps its weights.
  public func includes(layer: Int) -> Bool {
    switch self {
    case .nothing: false
    case .layers(let count): layer < count
    case .everything: true
    }
  }
}
