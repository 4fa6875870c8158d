// The page: a fixed document around the run's data. The document, its style and its scripts lie in
// Resources.

import Foundation
import Storage

struct ReportPage {
  let title: String
  /// What the scripts draw.
  let data: JSONValue

  /// One HTML document that loads nothing, in UTF-8.
  var html: [UInt8] {
    let scripts = [
      PackageResources.basics_js, PackageResources.charts_js, PackageResources.sections_js,
      PackageResources.rows_js, PackageResources.labels_js, PackageResources.main_js,
    ]
    let parts: [String: [UInt8]] = [
      "title": Self.escaped(title), "style": PackageResources.style_css,
      "data": Self.embedded(data), "script": Array(scripts.joined(separator: [0x0A])),
    ]
    // Names stand at the odd places, between double braces.
    return String(decoding: PackageResources.page_html, as: UTF8.self)
      .replacingOccurrences(of: "}}", with: "{{").components(separatedBy: "{{").enumerated()
      .reduce(into: []) { page, piece in
        page +=
          piece.offset.isMultiple(of: 2) ? Array(piece.element.utf8) : parts[piece.element] ?? []
      }
  }

  /// JSON inside a script element: no "<" ends the element or begins a comment, whatever a text of
  /// a row says. Byte by byte: characters would join it with a combining mark behind it.
  static func embedded(_ data: JSONValue) -> [UInt8] {
    replacing([UInt8(ascii: "<"): "\\u003c"], in: data.text())
  }

  /// Text inside an element or an attribute.
  static func escaped(_ text: String) -> [UInt8] {
    replacing(
      [
        UInt8(ascii: "&"): "&amp;", UInt8(ascii: "<"): "&lt;", UInt8(ascii: ">"): "&gt;",
        UInt8(ascii: "\""): "&quot;", UInt8(ascii: "'"): "&#39;",
      ], in: text)
  }

  private static func replacing(_ replacements: [UInt8: String], in text: String) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(text.utf8.count)
    for byte in text.utf8 {
      if byte < 0x40, let replacement = replacements[byte] {
        result += Array(replacement.utf8)
      } else {
        result.append(byte)
      }
    }
    return result
  }
}
