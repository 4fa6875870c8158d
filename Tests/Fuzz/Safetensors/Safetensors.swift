// Any bytes as a .safetensors file: it is refused, or every tensor lies inside it, apart from the
// others, and can be copied; and its header says the same when it is written and read again.

import Memory
import Storage

/// Checks one input; called by libFuzzer.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Vector<UInt8>(Array(UnsafeBufferPointer(start: data, count: count)))
  guard let file = try? SafetensorsFile(bytes: bytes, path: "input") else { return 0 }
  var end = 0
  for tensor in file.tensors {
    precondition(tensor.bytes.lowerBound >= end && tensor.bytes.upperBound <= count)
    end = tensor.bytes.upperBound
    let elements = tensor.shape.reduce(1, *)
    precondition(tensor.count == elements, "the shape and the bytes disagree")
    let values = Vector<Float>(zeros: elements)
    _ = try? file.copy(tensor.name, shape: tensor.shape, into: values)
  }
  return 0
}
