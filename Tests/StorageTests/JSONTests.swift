import Storage
import Testing

@Test func objectsKeepTheirOrder() throws {
  var object = try #require(
    JSONValue(parsing: #"{"b": 1, "a": {"z": [], "y": {}}, "c": null}"#).object)
  #expect(object.keys == ["b", "a", "c"])
  object["a"] = "new"
  object["d"] = true
  object["b"] = nil
  #expect(JSONValue.object(object).text() == #"{"a": "new", "c": null, "d": true}"#)
  #expect(object["c"] == .null)
  #expect(object["d"] == true)
  #expect(object["b"] == nil)
}

@Test func objectsOfManyMembersFindThemAll() {
  var object = JSONObject()
  for number in 0..<20 {
    object["\(number)"] = .integer(number)
    let isNew = object.append("\(number)", nil)
    #expect(!isNew)
    for earlier in 0...number { #expect(object["\(earlier)"] == .integer(earlier)) }
  }
  for number in 0..<20 {
    object["\(number)"] = nil
    #expect(object["\(number)"] == nil)
    for later in number + 1..<20 { #expect(object["\(later)"] == .integer(later)) }
  }
  #expect(object.isEmpty)
}

@Test func equalityPassesOverTheOrderOfMembers() throws {
  #expect(try JSONValue(parsing: #"{"a":1,"b":[2]}"#) == ["b": [2], "a": 1])
  #expect(try JSONValue(parsing: #"{"a":1}"#) != ["a": 1.0])
}

@Test func namesThatOnlyLookAlikeStayApart() throws {
  let value = try JSONValue(parsing: #"{"\u00e9": 1, "e\u0301": 2}"#)
  #expect(value["\u{E9}"] == 1)
  #expect(value["e\u{301}"] == 2)
  #expect(JSONValue.string("\u{E9}") != "e\u{301}")
}

@Test func textIsWrittenAsPythonWritesIt() {
  let value: JSONValue = [
    "a": [1, 2.5], "empty": [], "none": [:], "nested": ["t": true, "s": "x\"\\\n\u{01}é"],
  ]
  #expect(
    value.text()
      == #"{"a": [1, 2.5], "empty": [], "none": {}, "nested": {"t": true, "s": "x\"\\\n\u0001é"}}"#)
  #expect(
    value.text(pretty: true) == #"""
      {
        "a": [
          1,
          2.5
        ],
        "empty": [],
        "none": {},
        "nested": {
          "t": true,
          "s": "x\"\\\n\u0001é"
        }
      }
      """#)
}

@Test func numbersSurviveTheRoundTrip() throws {
  let doubles: [Double] = [
    0.1, -0.0, 1, 1e-5, 1e22, .pi, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 1.0 / 3,
    123_456_789_012_345_680,
  ]
  for double in doubles {
    let read = try JSONValue(parsing: JSONValue.double(double).text())
    #expect(read.number?.bitPattern == double.bitPattern)
  }
  for integer in [0, -1, .max, .min, 9_007_199_254_740_993] {
    #expect(try JSONValue(parsing: JSONValue.integer(integer).text()) == .integer(integer))
  }
  #expect(try JSONValue(parsing: "1000000000000000019884624838656") == .double(1e30))
  #expect(JSONValue.array([.double(.nan), .double(-.infinity)]).text() == #"["NaN", "-Infinity"]"#)
  #expect(try JSONValue(parsing: #""Infinity""#).number == .infinity)
}

@Test func stringsSurviveTheRoundTrip() throws {
  var all = String.UnicodeScalarView()
  for code in 0..<0x3000 as Range<UInt32> { all.append(Unicode.Scalar(code)!) }
  all.append("\u{10FFFF}")
  let value = JSONValue.string(String(all))
  #expect(try JSONValue(parsing: value.text()) == value)
  #expect(try JSONValue(parsing: #""\ud83d\ude00\/\b\f""#) == "😀/\u{08}\u{0C}")
  #expect(try JSONValue(parsing: "\u{FEFF} [true] ") == [true])
}

@Test(arguments: [
  ("", 1, 1, "nothing but space"),
  ("{\"a\": 1,\n \"é\": 2, \"a\": 3}", 2, 10, "the name \"a\" is given twice"),
  ("[1, 2", 1, 6, "the end of the text where \",\" or \"]\" is wanted"),
  ("{\"a\" 1}", 1, 6, "found \"1\" where \":\" is wanted after the name \"a\""),
  ("[1,]", 1, 4, "found \"]\" where a value"),
  ("{\"a\":1,}", 1, 8, "found \"}\" where a name"),
  ("[1] 2", 1, 5, "after the end"),
  ("[01]", 1, 2, "begin with 0"),
  ("[1.]", 1, 4, "digit"),
  ("[-]", 1, 3, "digit"),
  ("[+1]", 1, 2, "value is wanted"),
  ("[1e999]", 1, 2, "too large"),
  ("[NaN]", 1, 2, "value is wanted"),
  ("{a: 1}", 1, 2, "double quotes"),
  ("[\"a", 1, 2, "no end"),
  ("[\"a\\", 1, 4, "cut off"),
  ("[\"\\x\"]", 1, 3, "unknown escape"),
  ("[\"\\ud800\"]", 1, 3, "surrogate"),
  ("[\"\\udc00\"]", 1, 3, "surrogate"),
  ("[\"\\ud800\\u0041\"]", 1, 3, "surrogate"),
  ("[\"\\u12g4\"]", 1, 7, "hexadecimal"),
  ("[\"a\nb\"]", 1, 4, "must be escaped"),
  ("[\"a\0b\"]", 1, 4, "character code 0"),
  ("[tru]", 1, 2, "value is wanted"),
  ("// no\n1", 1, 1, "value is wanted"),
])
func whatIsNotJSONIsRefusedWithItsPlace(text: String, line: Int, column: Int, problem: String) {
  let error = #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
  #expect(error?.line == line)
  #expect(error?.column == column)
  #expect(error?.problem.contains(problem) == true, "\(error?.problem ?? "")")
}

@Test func bytesThatAreNotUTF8AreRefused() {
  for bytes: [UInt8] in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x82]] {
    #expect(throws: JSONError.self) { try JSONValue(parsing: [0x22] + bytes + [0x22]) }
    #expect(throws: JSONError.self) { try JSONValue(parsing: bytes) }
  }
}

@Test func nestingAMillionDeepIsRefused() throws {
  for open in ["[", "{\"a\":", "[{\"a\":"] {
    let text = String(repeating: open, count: 1_000_000)
    let error = #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
    #expect(error?.problem == "nested more than 128 deep")
  }
  let depth = JSONValue.maximumDepth
  let allowed = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
  #expect(try JSONValue(parsing: allowed).text() == allowed)
}

@Test func messagesAboutHugeNamesStayShort() {
  let name = String(repeating: "x", count: 1_000_000)
  let error = #expect(throws: JSONError.self) {
    try JSONValue(parsing: "{\"\(name)\": 1, \"\(name)\": 2}")
  }
  #expect((error?.description.count ?? .max) < 200)
}

@Test func everyCutOfATextIsRefusedWithoutAFault() throws {
  let text = #"{"a": [1.5e3, -2, "x\u00e9\ud83d\ude00"], "b": {"c": null, "d": true}}"#
  let bytes = Array(text.utf8)
  for length in 0..<bytes.count {
    #expect(throws: JSONError.self) { try JSONValue(parsing: bytes[..<length]) }
  }
  #expect(
    try JSONValue(parsing: bytes[...]).text()
      == #"{"a": [1500.0, -2, "xé😀"], "b": {"c": null, "d": true}}"#)
}

@Test func flippedBytesAreRefusedOrReadAgainAlike() throws {
  let bytes = Array(#"{"a": [1.5e3, -2, "x\u00e9\ud83d\ude00"], "b": {"c": null, "d": true}}"#.utf8)
  var state: UInt64 = 1
  func random(below limit: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % limit
  }
  var accepted = 0
  for _ in 0..<20_000 {
    var flipped = bytes
    for _ in 0...random(below: 3) {
      flipped[random(below: bytes.count)] = UInt8(random(below: 256))
    }
    guard let value = try? JSONValue(parsing: flipped) else { continue }
    accepted += 1
    if try JSONValue(parsing: value.text(pretty: accepted % 2 == 0)) != value {
      Issue.record("\(value.text())")
    }
  }
  #expect(accepted > 100)
}
