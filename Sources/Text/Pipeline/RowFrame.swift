// Post-processors: the special tokens before and behind a row.

import Storage

/// The tokens that every row has besides its own.
struct RowFrame: Equatable, Sendable {
  /// A special token.
  struct Token: Equatable, Sendable {
    var name: String
    var id: Int32
  }

  var before: [Token] = []
  var after: [Token] = []

  var count: Int { before.count + after.count }
}

extension RowFrame {
  /// The frame of single texts that a `post_processor` of tokenizer.json makes; none where it is
  /// null. Throws `TokenizerError` where it is not understood.
  init(_ json: JSONValue, path: String) throws {
    self.init()
    switch json["type"]?.string {
    case nil where json == .null, "ByteLevel": return
    case "BertProcessing", "RobertaProcessing":
      before = [try Self.token(json["cls"], path)]
      after = [try Self.token(json["sep"], path)]
    case "TemplateProcessing": try read(template: json, path: path)
    case "Sequence":
      for part in json["processors"]?.array ?? [] {
        let inner = try RowFrame(part, path: path)
        (before, after) = (inner.before + before, after + inner.after)
      }
    default:
      throw TokenizerError.unsupported(
        path: path, problem: "the post_processor is \(json["type"]?.string ?? "without a type")")
    }
  }

  /// `["[CLS]", 101]`.
  private static func token(_ json: JSONValue?, _ path: String) throws -> Token {
    guard let pair = json?.array, pair.count == 2, let name = pair[0].string,
      let id = pair[1].tokenID
    else { throw damaged(path) }
    return Token(name: name, id: id)
  }

  private mutating func read(template json: JSONValue, path: String) throws {
    var hasText = false
    for part in json["single"]?.array ?? [] {
      if let sequence = part["Sequence"] {
        guard sequence["id"]?.string == "A", !hasText else {
          throw TokenizerError.unsupported(
            path: path, problem: "the post_processor's template has not one text")
        }
        hasText = true
        continue
      }
      guard let name = part["SpecialToken"]?["id"]?.string,
        let token = json["special_tokens"]?[name], let ids = token["ids"]?.array
      else { throw Self.damaged(path) }
      let tokens = try ids.map { id in
        guard let id = id.tokenID else { throw Self.damaged(path) }
        return Token(name: name, id: id)
      }
      if hasText { after += tokens } else { before += tokens }
    }
    guard hasText else {
      throw TokenizerError.unsupported(
        path: path, problem: "the post_processor's template has not one text")
    }
  }

  private static func damaged(_ path: String) -> TokenizerError {
    .malformed(path: path, problem: "the post_processor names a token without its id")
  }
}
