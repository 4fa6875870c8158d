import Data
import Testing

/// Texts of several words, no two alike.
private func text(_ row: Int) -> String { "the quick brown fox number \(row) jumps over a dog" }

private func guess(
  _ content: String, name: String = "a.csv", given: (inout ColumnGuess.Given) -> Void = { _ in }
) throws -> ColumnGuess {
  let directory = try TemporaryDirectory()
  var wanted = ColumnGuess.Given()
  given(&wanted)
  return try ColumnGuess(
    FileSample(path: directory.write(content, to: name)), wanted)
}

private func problem(
  _ content: String, name: String = "a.csv", given: (inout ColumnGuess.Given) -> Void = { _ in }
) -> String {
  do {
    _ = try guess(content, name: name, given: given)
    return ""
  } catch { return "\(error)" }
}

@Suite struct ColumnGuessTests {
  @Test func aFrameOfPandasIsRead() throws {
    let header = ",ticket_id,description,is_train,billing,login,created_at\n"
    let rows = (0..<40).map {
      "\($0),T\($0),\(text($0)),1,\($0 % 2),\($0 % 3 == 0 ? 1 : 0),2024-01-0\(1 + $0 % 9)\n"
    }
    let guess = try guess(header + rows.joined())
    #expect(guess.columns.text == "description" && guess.id == "ticket_id")
    #expect(guess.labelColumns == ["billing", "login"])
    #expect(guess.constant == ["is_train"] && guess.other == ["created_at"])
    #expect(guess.columns.ignored == ["is_train", "created_at"])
  }

  @Test func cellsThatNobodyKnowsDoNotHideALabel() throws {
    let rows = (0..<40).map {
      "\(text($0)),\($0 % 2),\($0 % 4 - 1 == 2 ? 0 : $0 % 4 - 1),\($0 % 2 * 2 - 1),\(-($0 % 2))\n"
    }
    let guess = try guess("text,a,partly,sign,never\n" + rows.joined())
    // 1 and −1 alone may mean yes and no; 0 and −1 alone say nothing that could be learned.
    #expect(guess.labelColumns == ["a", "partly"] && guess.other == ["sign", "never"])
    #expect(guess.unknownCellCount == 10)
    let lines = (0..<20).map {
      "{\"text\": \"\(text($0))\", \"kinds\": [\"a\($0 % 4)\"], \"unknown\": [\"a1\", \"b\"]}\n"
    }
    let named = try self.named(lines.joined())
    #expect(named.columns.labels == "kinds" && named.other.isEmpty && named.unknownCellCount == 40)
  }

  private func named(_ lines: String) throws -> ColumnGuess { try guess(lines, name: "a.jsonl") }

  @Test(arguments: ["|", ";", ","]) func aColumnOfNamesIsSplit(separator: String) throws {
    let rows = (0..<40).map { row in
      "\"\(text(row))\",\"a\(row % 5)\(separator)b\(row % 3)\",\(row % 2)\n"
    }
    let guess = try guess("text,tags,seen\n" + rows.joined())
    #expect(guess.columns.labels == "tags" && guess.columns.labelsSeparator == separator)
    #expect(guess.labelColumns.isEmpty && guess.other == ["seen"])
  }

  @Test func jsonLinesWithAListAreRead() throws {
    let rows = (0..<20).map {
      "{\"body\": \"\(text($0))\", \"topics\": [\"a\($0 % 4)\"], \"n\": 3}\n"
    }
    let guess = try guess(rows.joined(), name: "a.jsonl")
    #expect(guess.columns.text == "body" && guess.columns.labels == "topics" && guess.id == nil)
    #expect(guess.other == ["n"])
  }

  @Test func whatTheUserSaysCounts() throws {
    let rows = (0..<20).map {
      "\(text($0)),\(text($0 + 50)),\($0 % 2),\($0 % 3 / 2),\($0 % 5 / 4)\n"
    }
    let content = "body,title,tag_a,tag_b,seen\n" + rows.joined()
    let guess = try guess(content) {
      $0.text = "title"
      $0.labels = ["tag_*"]
      $0.ignored = ["seen"]
    }
    #expect(guess.columns.text == "title" && guess.labelColumns == ["tag_a", "tag_b"])
    #expect(Set(guess.columns.ignored) == ["body", "seen"])
    #expect(problem(content) { $0.labels = ["tug_a"] }.contains("did you mean “tag_a”?"))
    #expect(problem(content) { $0.text = "nothing" }.contains("there is no column “nothing”"))
  }

  @Test func inDoubtTheOptionIsNamed() throws {
    let rows = (0..<20).map {
      "\(text($0)),\(text($0 + 50)) again and again,\($0 % 2),\($0 % 3 / 2)\n"
    }
    #expect(problem("one,two,a,b\n" + rows.joined()).contains("name it by --text"))
    let unlabeled = (0..<20).map { "\(text($0)),\($0)\n" }
    #expect(problem("text,n\n" + unlabeled.joined()).contains("name them by --labels"))
    #expect(problem("a,b\n1,0\n0,1\n").contains("no column looks like a text"))
    let lists = (0..<20).map { "\(text($0)),a\($0 % 2)|b,c\($0 % 3)|d\n" }
    #expect(problem("text,x,y\n" + lists.joined()).contains("the labels may be “x”, “y”"))
  }

  @Test func anEmptyFileHasNoColumns() throws {
    #expect(problem("").contains("there is no row in this file"))
    #expect(problem("text,a\n").contains("there is no row in this file"))
    #expect(problem("x", name: "a.xlsx").contains("unknown data format"))
  }
}
