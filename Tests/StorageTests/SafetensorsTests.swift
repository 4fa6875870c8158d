import Foundation
import Memory
import Storage
import Testing

@Test(arguments: [
  // Too short for what the length says.
  ([], "it has 0 bytes, fewer than the 8"),
  ([1, 0, 0, 0], "it has 4 bytes, fewer than the 8"),
  (safetensors(header: "{}", length: 3), "truncated in the header: 11 bytes wanted, 10 found"),
  (safetensors(header: "{}", length: 1_000_000_000), "claims 1000000000 bytes, more than"),
  (safetensors(header: "{}", length: .max), "claims 18446744073709551615 bytes, more than"),
  (safetensors(header: "{}", length: 1 << 63), "more than"),
  // Not a header.
  (safetensors(header: ""), "does not begin with \"{\""),
  (safetensors(header: " {}"), "does not begin with \"{\""),
  (safetensors(header: "[]"), "does not begin with \"{\""),
  (safetensors(header: "{\"a\":}"), "the header is not JSON, line 1, column 6"),
  (safetensors(header: String(repeating: "{\"a\":", count: 100_000)), "nested more than 128"),
  (safetensors(header: "{\"__metadata__\":[]}"), "__metadata__ is an array, not an object"),
  (safetensors(header: "{\"__metadata__\":{\"a\":1}}"), "__metadata__ \"a\" is an integer"),
  (safetensors(header: "{}", data: [0]), "1 bytes follow the last tensor"),
])
func filesThatAreNotSafetensorsAreRefused(bytes: [UInt8], problem: String) throws {
  let scratch = try Scratch()
  let path = try scratch.write("x.safetensors", bytes)
  let error = #expect(throws: StorageError.self) { try SafetensorsFile(path: path) }
  #expect(error?.kind == .malformed)
  #expect(error?.problem.contains(problem) == true, "\(error?.problem ?? "")")
}

@Test(arguments: [
  (#""a":5"#, 0, "tensor \"a\": no dtype"),
  (#""a":{"dtype":"F31","shape":[],"data_offsets":[0,4]}"#, 4, "dtype \"F31\" is not known"),
  (#""a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}"#, 4, "shape is not a list of whole"),
  (#""a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}"#, 4, "shape is not a list of whole"),
  (#""a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}"#, 4, "not a pair"),
  (#""a":{"dtype":"F32","shape":[1],"data_offsets":[0]}"#, 4, "not a pair"),
  (#""a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}"#, 4, "not a pair"),
  (
    #""a":{"dtype":"F32","shape":[1],"data_offsets":[0,18446744073709551620]}"#, 4, "not a pair"
  ),
  (#""a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}"#, 4, "takes 8 bytes, but data_offsets"),
  (
    #""a":{"dtype":"F32","shape":[4611686018427387905],"data_offsets":[0,4]}"#, 4,
    "larger than any memory"
  ),
  (
    #""a":{"dtype":"F32","shape":[3037000500,3037000500],"data_offsets":[0,4]}"#, 4,
    "larger than any memory"
  ),
  (
    #""a":{"dtype":"U8","shape":[0],"data_offsets":[9223372036854775807,9223372036854775807]}"#, 0,
    "beyond any file"
  ),
  (
    #""a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"a":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}"#,
    4, "the name \"a\" is given twice"
  ),
  (
    #""a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}"#,
    4, "tensor \"b\" overlaps tensor \"a\""
  ),
  (
    #""a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}"#,
    4, "tensor \"b\" leaves a hole of 1 bytes after tensor \"a\""
  ),
  (#""a":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}"#, 4, "hole of 2 bytes after the header"),
  (#""a":{"dtype":"U8","shape":[9],"data_offsets":[0,9]}"#, 4, "bytes wanted"),
])
func lyingHeadersAreRefused(tensors: String, dataCount: Int, problem: String) throws {
  let scratch = try Scratch()
  let bytes = safetensors(
    header: "{\(tensors)}", data: Array(repeating: 7, count: dataCount))
  let path = try scratch.write("x.safetensors", bytes)
  let error = #expect(throws: StorageError.self) { try SafetensorsFile(path: path) }
  #expect(error?.problem.contains(problem) == true, "\(error?.problem ?? "")")
}

@Test func everyCutAndEveryFlippedHeaderByteIsRefusedOrHarmless() throws {
  let scratch = try Scratch()
  var writer = SafetensorsWriter()
  writer.add("a", shape: [2, 3], Vector<Float>([1, 2, 3, 4, 5, 6]))
  writer.add("b", shape: [], Vector<Int64>([7]))
  let whole = scratch("whole.safetensors")
  _ = try writer.write(to: whole)
  let bytes = try scratch.read("whole.safetensors")
  for length in 0..<bytes.count {
    let path = try scratch.write("cut.safetensors", Array(bytes[..<length]))
    #expect(throws: StorageError.self) { try SafetensorsFile(path: path) }
  }
  var generator = SystemRandomNumberGenerator()
  for position in bytes.indices {
    var flipped = bytes
    flipped[position] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
    let path = try scratch.write("flipped.safetensors", flipped)
    if let file = try? SafetensorsFile(path: path) {
      for tensor in file.tensors where tensor.type.floatFormat != nil {
        try file.copy(tensor.name, into: Vector(zeros: tensor.count))
      }
    }
  }
}

@Test func tensorsAreReadAtAnyAlignment() throws {
  let scratch = try Scratch()
  let data: [UInt8] =
    [9] + Vector<Float>([1.5, -2.25, 3e38]).bytes.array + [0x00, 0x3C, 0x01, 0x00, 0x80, 0x3F]
    + Vector([-0.1]).bytes.array
  let header = #"""
    {"byte":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},
     "float":{"dtype":"F32","shape":[3,1],"data_offsets":[1,13]},
     "half":{"dtype":"F16","shape":[2],"data_offsets":[13,17]},
     "brain":{"dtype":"BF16","shape":[1],"data_offsets":[17,19]},
     "double":{"dtype":"F64","shape":[],"data_offsets":[19,27]},
     "empty":{"dtype":"F32","shape":[0,5],"data_offsets":[27,27]}}
    """#
  let file = try SafetensorsFile(
    path: scratch.write("x.safetensors", safetensors(header: header, data: data)))
  #expect(file.tensors.map(\.name) == ["byte", "float", "half", "brain", "double", "empty"])
  func floats(_ name: String) throws -> [Float] {
    let values = Vector<Float>(zeros: file.tensor(name)?.count ?? 0)
    try file.copy(name, into: values)
    return values.array
  }
  #expect(try floats("float") == [1.5, -2.25, 3e38])
  #expect(try floats("half") == [1, Float(sign: .plus, exponent: -24, significand: 1)])
  #expect(try floats("brain") == [1])
  #expect(try floats("double") == [Float(-0.1)])
  #expect(try floats("empty") == [])
}

@Test func wrongTensorsAreNamedWithWantedAndFound() throws {
  let scratch = try Scratch()
  var writer = SafetensorsWriter()
  writer.add("w", shape: [2, 3], Vector<Float>(zeros: 6))
  writer.add("ids", shape: [6], Vector<Int64>(zeros: 6))
  let path = scratch("m.safetensors")
  _ = try writer.write(to: path)
  let file = try SafetensorsFile(path: path)
  let six = Vector<Float>(zeros: 6)
  #expect(message { try file.copy("v", into: six) } == "\(path): tensor \"v\" is not in the file")
  #expect(
    message { try file.copy("w", shape: [3, 2], into: six) }
      == "\(path): tensor \"w\" has the shape [2, 3], but [3, 2] is wanted")
  #expect(
    message { try file.copy("w", into: six[0..<5]) }
      == "\(path): tensor \"w\" has the shape [2, 3], 6 elements, but 5 elements are wanted")
  #expect(
    message { try file.copy("ids", into: six) }
      == "\(path): tensor \"ids\" holds I64, but F32, F16, BF16 or F64 is wanted")
  #expect(
    message { try file.copyExactly("ids", into: six) }
      == "\(path): tensor \"ids\" holds I64, but F32 is wanted")
}

@Test func whatIsWrittenIsReadBackWithItsHash() throws {
  let scratch = try Scratch()
  let arena = Vector<Float>((0..<3_000_000).map { Float($0) * 0.5 })
  var writer = SafetensorsWriter(metadata: [("format", "pt"), ("step", "12")])
  writer.add("odd", shape: [3], Vector<UInt8>([1, 2, 3]))
  writer.add(
    "parts", shape: [2, 1_000_000], parts: [arena[0..<1_500_000], arena[2_000_000..<2_500_000]])
  writer.add("ids", shape: [2], Vector<Int64>([.min, .max]))
  let path = scratch("m.safetensors")
  let record = try writer.write(to: path)
  #expect(record == (try FileRecord(reading: path, name: "m.safetensors")))
  let bytes = try scratch.read("m.safetensors")
  #expect(record.byteCount == bytes.count)
  #expect(bytes[0] % 8 == 0)

  let file = try SafetensorsFile(path: path)
  #expect(file.tensors.map(\.name) == ["ids", "parts", "odd"])
  #expect(file.metadata.map(\.0) == ["format", "step"])
  let parts = Vector<Float>(zeros: 2_000_000)
  try file.copy("parts", shape: [2, 1_000_000], into: parts)
  #expect(parts[1_499_999] == 749_999.5)
  #expect(parts[1_500_000] == 1_000_000)
  let ids = Vector<Int64>(zeros: 2)
  try file.copyExactly("ids", into: ids)
  #expect(ids.array == [.min, .max])
}

@Test func theHashIsSHA256() throws {
  let scratch = try Scratch()
  let file = try HashedFile(path: scratch("abc"))
  try file.write("ab")
  try file.write(Vector<UInt8>([0x63]))
  #expect(
    try file.finish().sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
}

@Test func shardedModelsReadAsOne() throws {
  let scratch = try Scratch()
  for (index, name) in ["a", "b"].enumerated() {
    var writer = SafetensorsWriter()
    writer.add(name, shape: [1], Vector<Float>([Float(index)]))
    writer.add("extra", shape: [1], Vector<Float>([9]))
    _ = try writer.write(to: scratch("model-\(index).safetensors"))
  }
  try scratch.write(
    "model.safetensors.index.json",
    #"{"metadata": {}, "weight_map": {"b": "model-1.safetensors", "a": "model-0.safetensors"}}"#)
  let source = try TensorSource(directory: scratch.path)
  #expect(Set(source.names) == ["a", "b"])
  let value = Vector<Float>(zeros: 1)
  try source.copy("b", shape: [1], into: value)
  #expect(value[0] == 1)
  #expect(source.tensor("extra") == nil)
  #expect(throws: StorageError.self) { try source.copy("extra", into: value) }
}

@Test(arguments: [
  (#"{"weight_map": {"a": "../model-0.safetensors"}}"#, "not given the name of a file beside"),
  (#"{"weight_map": {"a": 1}}"#, "not given the name of a file beside"),
  (#"{"weight_map": {"z": "model-0.safetensors"}}"#, "tensor \"z\" is not in"),
  (#"{"weights": {}}"#, "has no object \"weight_map\""),
  (#"{"weight_map": {"a": "gone.safetensors"}}"#, "gone.safetensors: cannot open"),
])
func badIndexesAreRefused(index: String, problem: String) throws {
  let scratch = try Scratch()
  var writer = SafetensorsWriter()
  writer.add("a", shape: [1], Vector<Float>([1]))
  _ = try writer.write(to: scratch("model-0.safetensors"))
  try scratch.write("model.safetensors.index.json", index)
  #expect(message { _ = try TensorSource(directory: scratch.path) }.contains(problem))
}

@Test func aDirectoryWithoutModelSaysWhatIsMissing() throws {
  let scratch = try Scratch()
  try scratch.write("pytorch_model.bin", "x")
  let error = #expect(throws: StorageError.self) { try TensorSource(directory: scratch.path) }
  #expect(error?.kind == .missing)
  #expect(error?.problem.contains("convert pytorch_model.bin") == true)
}
