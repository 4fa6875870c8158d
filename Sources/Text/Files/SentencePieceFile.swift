// The file of a SentencePiece model: the message `ModelProto` of sentencepiece_model.proto.

/// What a SentencePiece model says that tokenizers here use.
struct SentencePieceFile {
  /// A piece with its score and what it is.
  struct Piece {
    var bytes: [UInt8] = []
    var score: Float = 0
    var type = PieceType.normal
  }

  enum PieceType: UInt64 {
    case normal = 1
    case unknown, control, userDefined, unused, byte
  }

  enum ModelType: UInt64 {
    case unigram = 1
    case bpe, word, character
  }

  private(set) var pieces: [Piece] = []
  private(set) var modelType = ModelType.unigram
  private(set) var fallsBackToBytes = false
  private(set) var unknownID: Int32 = 0
  private(set) var charsmap: [UInt8] = []

  /// Reads a model. Throws `TokenizerError`.
  init(_ bytes: [UInt8], path: String) throws {
    do throws(ProtobufError) {
      try read(bytes[...])
    } catch {
      throw TokenizerError.malformed(path: path, problem: "is no SentencePiece model")
    }
    guard !pieces.isEmpty, Int(unknownID) < pieces.count, unknownID >= 0 else {
      throw TokenizerError.malformed(path: path, problem: "is a SentencePiece model without pieces")
    }
  }

  private mutating func read(_ bytes: ArraySlice<UInt8>) throws(ProtobufError) {
    var reader = ProtobufReader(bytes)
    while let (field, value) = try reader.next() {
      guard case .bytes(let message) = value else { continue }
      switch field {
      case 1: pieces.append(try Self.piece(message))
      case 2: try readTrainer(message)
      case 3: try readNormalizer(message)
      default: break
      }
    }
  }

  private static func piece(_ bytes: ArraySlice<UInt8>) throws(ProtobufError) -> Piece {
    var reader = ProtobufReader(bytes)
    var piece = Piece()
    while let (field, value) = try reader.next() {
      switch (field, value) {
      case (1, .bytes(let bytes)): piece.bytes = Array(bytes)
      case (2, .fixed(let bits)): piece.score = Float(bitPattern: UInt32(truncatingIfNeeded: bits))
      case (3, .number(let number)): piece.type = PieceType(rawValue: number) ?? .normal
      default: break
      }
    }
    guard String(validating: piece.bytes, as: UTF8.self) != nil, !piece.score.isNaN else {
      throw ProtobufError()
    }
    return piece
  }

  private mutating func readTrainer(_ bytes: ArraySlice<UInt8>) throws(ProtobufError) {
    var reader = ProtobufReader(bytes)
    while let (field, value) = try reader.next() {
      guard case .number(let number) = value else { continue }
      switch field {
      case 3: modelType = ModelType(rawValue: number) ?? .unigram
      case 35: fallsBackToBytes = number != 0
      case 40: unknownID = Int32(truncatingIfNeeded: number)
      default: break
      }
    }
  }

  private mutating func readNormalizer(_ bytes: ArraySlice<UInt8>) throws(ProtobufError) {
    var reader = ProtobufReader(bytes)
    while let (field, value) = try reader.next() {
      if field == 2, case .bytes(let map) = value { charsmap = Array(map) }
    }
  }
}
