// Files that are no text of rows, told by their first bytes: each is named, with the line that
// makes a file of it that can be read.

import Foundation
import Memory
import Storage

/// What a file is, where it is no text in UTF-8.
enum ForeignFormat {
  /// What the file is and what to do; nil where it may be text in UTF-8.
  static func problem(_ head: [UInt8], path: String) -> String? {
    GitLFSPointer.problem(head) ?? encoding(head, path: path) ?? webPage(head)
      ?? fastText(head, path: path) ?? binary(head, path: path)
  }

  /// Bytes that `problem` looks at.
  static let headSize = 1_024

  private static let formats: [(magic: [UInt8], name: String, reader: String?)] = [
    (Array("PAR1".utf8), "Parquet", "read_parquet"),
    (Array("ARROW1".utf8), "an Arrow (Feather) file", "read_feather"),
    (Array("FEA1".utf8), "a Feather file", "read_feather"),
    ([0xD0, 0xCF, 0x11, 0xE0], "an Excel workbook", "read_excel"),
    ([0x89] + Array("HDF".utf8), "HDF5", "read_hdf"),
    ([0x80, 0x02], "a pickle", "read_pickle"), ([0x80, 0x03], "a pickle", "read_pickle"),
    ([0x80, 0x04], "a pickle", "read_pickle"), ([0x80, 0x05], "a pickle", "read_pickle"),
    (Array("BZh".utf8), "packed by bzip2", "read_csv"),
    ([0xFD] + Array("7zXZ".utf8), "packed by xz", "read_csv"),
    ([0x28, 0xB5, 0x2F, 0xFD], "packed by zstd", "read_csv"),
    (Array("SQLite format 3".utf8), "an SQLite database", nil),
    ([0x93] + Array("NUMPY".utf8), "a NumPy array", nil), (Array("%PDF".utf8), "a PDF", nil),
  ]

  private static func binary(_ head: [UInt8], path: String) -> String? {
    if head.starts(with: Array("PK".utf8) + [3, 4]) {
      let ending = (path as NSString).pathExtension.lowercased()
      let isWorkbook = ["xlsx", "xlsm", "ods"].contains(ending)
      return isWorkbook
        ? "this is an Excel workbook; \(pandas("read_excel", path)) writes a file that is read"
        : "this is a zip archive; unzip it, and give the file in it"
    }
    if head.count > 262, head[257..<262].elementsEqual("ustar".utf8) {
      return "this is a tar archive; unpack it with tar -xf, and give the file in it"
    }
    guard let format = formats.first(where: { head.starts(with: $0.magic) }) else { return nil }
    guard let reader = format.reader else {
      return "this is \(format.name); JSON Lines or CSV is wanted"
    }
    return "this is \(format.name); \(pandas(reader, path)) writes a file that is read"
  }

  /// The line of pandas that writes what can be read.
  private static func pandas(_ reader: String, _ path: String) -> String {
    let name = URL(fileURLWithPath: path).lastPathComponent
    let stem = name.prefix { $0 != "." }
    return "pd.\(reader)(\"\(name)\")"
      + ".to_csv(\"\(stem.isEmpty ? "rows" : stem).csv.gz\", index=False)"
  }

  private static func encoding(_ head: [UInt8], path: String) -> String? {
    let name: String
    if head.starts(with: [0xFF, 0xFE, 0, 0]) || head.starts(with: [0, 0, 0xFE, 0xFF]) {
      name = "UTF-32"
    } else if head.starts(with: [0xFF, 0xFE]) || head.starts(with: [0xFE, 0xFF]) {
      name = "UTF-16"
    } else {
      // Text in UTF-16 without a mark: of mostly Latin letters, every second byte is 0.
      let start = head.prefix(64)
      func zeros(_ parity: Int) -> Int {
        start.enumerated().count { $0.offset % 2 == parity && $0.element == 0 }
      }
      guard start.count >= 8, max(zeros(0), zeros(1)) * 4 > start.count,
        min(zeros(0), zeros(1)) == 0
      else { return nil }
      name = zeros(1) > 0 ? "UTF-16LE" : "UTF-16BE"
    }
    let file = URL(fileURLWithPath: path).lastPathComponent
    return "this is \(name), and UTF-8 is wanted; convert it with: "
      + "iconv -f \(name) -t UTF-8 \(file) > utf8-\(file)"
  }

  private static func fastText(_ head: [UInt8], path: String) -> String? {
    guard head.starts(with: "__label__".utf8) else { return nil }
    let isLabel = "w.startswith(\"__label__\")"
    let row =
      "{\"text\": \" \".join(w for w in l.split() if not \(isLabel)), "
      + "\"labels\": [w[9:] for w in l.split() if \(isLabel)]}"
    return "this is fastText's format; JSON Lines is wanted, which this writes: python3 -c "
      + "'import json, sys; [print(json.dumps(\(row))) for l in sys.stdin]' "
      + "< \(URL(fileURLWithPath: path).lastPathComponent) > rows.jsonl"
  }

  private static func webPage(_ head: [UInt8]) -> String? {
    let start = String(decoding: head.prefix(100), as: UTF8.self)
      .drop { $0.isWhitespace || $0 == "\u{FEFF}" }.lowercased()
    guard start.hasPrefix("<!doctype html") || start.hasPrefix("<html") else { return nil }
    return "this is a web page, not the data: download the raw file"
  }
}
