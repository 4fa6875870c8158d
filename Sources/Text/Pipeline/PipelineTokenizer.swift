// Any tokenizer that tokenizer.json can describe, part by part: normalizers, pre-tokenizers, model,
// special tokens. BERT's own combination of them has a quicker way, `WordPieceTokenizer`.
//
// T is the number of token ids of a text, special tokens included.

import Storage
import Synchronization

/// Turns text into token ids as the library `tokenizers` does.
public final class PipelineTokenizer: Tokenizer {
  /// One more than the highest token id, those of added tokens included.
  public let vocabularyCount: Int
  /// 16 hexadecimal digits of a hash of all parts and this program's own rules.
  public let fingerprint: String
  private let directory: TokenizerDirectory

  let normalizers: NormalizationSequence
  let preTokenizers: [PreTokenizer]
  let model: PipelineModel
  let frame: RowFrame
  let truncatesLeft: Bool
  /// Added tokens that are searched before and after normalization.
  let writtenTokens: AddedTokenMatcher
  let normalizedTokens: AddedTokenMatcher
  /// Where a word is only a word at the beginning of a row, its place must be known.
  private let needsSources: Bool
  /// Kept between texts: the words that they share, and room.
  private let workspaces = Mutex<[PipelineWorkspace]>([])

  /// The tokenizer of files that have been read. Throws `TokenizerError`.
  init(_ directory: TokenizerDirectory) throws {
    var definition = try directory.pipelineDefinition()
    definition.simplify()
    normalizers = NormalizationSequence(definition.normalizers)
    preTokenizers = definition.preTokenizers
    model = try PipelineModel(definition.model, source: definition.source)
    frame = definition.frame
    truncatesLeft = definition.truncatesLeft
    needsSources = definition.needsSources
    self.directory = directory
    let added = definition.addedTokens
    writtenTokens = AddedTokenMatcher(
      added.filter { !$0.token.normalized }
        .map { (Array($0.token.content.utf8), $0.id, $0.token) })
    let normalizers = self.normalizers
    normalizedTokens = AddedTokenMatcher(
      added.filter(\.token.normalized).map {
        let content = Array($0.token.content.utf8)
        let clean = normalizers.normalize(content.span, from: 0, to: content.count)
        return (clean.bytes, $0.id, $0.token)
      })
    let highest =
      [definition.model.vocabulary.highestID, added.map(\.id).max() ?? -1]
      + (frame.before + frame.after).map(\.id)
    vocabularyCount = Int(highest.max() ?? -1) + 1
    fingerprint = definition.fingerprint()
  }

  /// The files of the directory, as they are now. tokenizer_config.json says the class of the
  /// tokenizer where nothing but the model's type told it.
  public func fileContents() throws -> [TokenizerFileContent] {
    let files = try directory.files.map {
      TokenizerFileContent(name: $0, bytes: try readBytes("\(directory.path)/\($0)"))
    }
    guard directory.tokenizerClass.isUnnamed(in: directory.configuration) else { return files }
    var json = directory.configuration.object ?? JSONObject()
    json["tokenizer_class"] = .string(directory.tokenizerClass.name)
    let text = JSONValue.object(json).text(pretty: true) + "\n"
    let name = "tokenizer_config.json"
    return files.filter { $0.name != name }
      + [TokenizerFileContent(name: name, bytes: Array(text.utf8))]
  }

  /// The words of `text` after normalization, before they are split into pieces. Added tokens are
  /// not looked for.
  package func words(of text: String) -> [String] {
    withWorkspace { workspace in
      let utf8 = Array(text.utf8)
      normalize(utf8.span, utf8.indices, &workspace)
      split(0..<workspace.segment.count, &workspace)
      let bytes = workspace.words.text.bytes
      return workspace.words.words.map { String(decoding: bytes[$0], as: UTF8.self) }
    }
  }

  /// Calls `body` with a workspace that nobody else uses.
  func withWorkspace<Result>(_ body: (inout PipelineWorkspace) -> Result) -> Result {
    var workspace =
      workspaces.withLock { $0.popLast() } ?? PipelineWorkspace(tracksSources: needsSources)
    let result = body(&workspace)
    workspaces.withLock { $0.append(workspace) }
    return result
  }
}

/// Room for one text at a time.
struct PipelineWorkspace: Sendable {
  /// What lies between two added tokens.
  var segment: SourcedText
  var scratch: SourcedText
  var words: WordText
  var model = PipelineModel.Scratch()

  init(tracksSources: Bool) {
    segment = SourcedText(isTracked: tracksSources)
    scratch = SourcedText(isTracked: tracksSources)
    words = WordText(isTracked: tracksSources)
  }
}

extension PipelineDefinition {
  /// Lets the model read bytes where the last pre-tokenizer would only write them in another
  /// alphabet, which is the same and slower.
  fileprivate mutating func simplify() {
    guard model.kind == .bpe, !model.options.fallsBackToBytes,
      model.options.continuationPrefix.isEmpty, model.options.wordSuffix.isEmpty,
      case .byteLevel(var last) = preTokenizers.last
    else { return }
    last.writesAlphabet = false
    preTokenizers[preTokenizers.count - 1] = .byteLevel(last)
    model.options.readsBytes = true
  }

  /// Whether a pre-tokenizer asks if a word begins the row, and something before it may have
  /// changed that.
  fileprivate var needsSources: Bool {
    let asks = preTokenizers.contains {
      if case .metaspace(let metaspace) = $0 { metaspace.scheme == .first } else { false }
    }
    return asks && (!normalizers.isEmpty || preTokenizers.count > 1)
  }
}
