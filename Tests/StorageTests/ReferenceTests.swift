// The reference implementation reads what this program writes, and the other way round.

import Foundation
import Memory
import Storage
import Testing

private func python(_ program: String, _ arguments: [String] = []) -> (status: Int32, text: String)
{
  let process = Process()
  let output = Pipe()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  let name = ProcessInfo.processInfo.environment["DDP_TRAIN_PYTHON"] ?? "python3"
  process.arguments = [name, "-c", program] + arguments
  process.standardOutput = output
  process.standardError = output
  guard (try? process.run()) != nil else { return (127, "") }
  let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  process.waitUntilExit()
  return (process.terminationStatus, text)
}

private let hasReference = python("import numpy, safetensors.numpy").status == 0

@Test(
  .enabled(
    if: hasReference, "needs Python with numpy and safetensors; DDP_TRAIN_PYTHON names one"))
func theReferenceReadsWhatIsWrittenAndTheOtherWayRound() throws {
  let scratch = try Scratch()
  let written = python(
    """
    import numpy, safetensors.numpy, sys
    values = numpy.random.default_rng(1).standard_normal((5, 7))
    tensors = {str(t): values.astype(t) for t in ("float16", "float32", "float64")}
    tensors |= {"ids": numpy.arange(3), "scalar": numpy.array(2.5, "float32"), "é\\"\\n": values[:0].copy()}
    safetensors.numpy.save_file(tensors, sys.argv[1], {"format": "pt"})
    """, [scratch("theirs.safetensors")])
  #expect(written.status == 0, "\(written.text)")

  let theirs = try SafetensorsFile(path: scratch("theirs.safetensors"))
  var writer = SafetensorsWriter()
  for tensor in theirs.tensors where tensor.type.floatFormat != nil {
    let values = Vector<Float>(zeros: tensor.count)
    try theirs.copy(tensor.name, into: values)
    writer.add(tensor.name, shape: tensor.shape, values)
  }
  let ids = Vector<Int64>(zeros: 3)
  try theirs.copyExactly("ids", into: ids)
  writer.add("ids", shape: [3], ids)
  _ = try writer.write(to: scratch("ours.safetensors"))

  let read = python(
    """
    import numpy, safetensors, safetensors.numpy, sys
    theirs, ours = (safetensors.numpy.load_file(path) for path in sys.argv[1:])
    assert set(theirs) == set(ours)
    for name, tensor in theirs.items():
      wanted = tensor if name == "ids" else tensor.astype("float32")
      assert ours[name].dtype == wanted.dtype and ours[name].shape == wanted.shape, name
      assert ours[name].tobytes() == wanted.tobytes(), name
    with safetensors.safe_open(sys.argv[2], "np") as file:
      assert file.metadata() == {"format": "pt"}
    """, [scratch("theirs.safetensors"), scratch("ours.safetensors")])
  #expect(read.status == 0, "\(read.text)")
}

@Test(.enabled(if: python("").status == 0, "needs Python"))
func pythonReadsTheLinesOfTheLog() {
  let line: JSONValue = [
    "loss": .double(0.1 + 0.2), "norm": .double(.nan), "worst": .double(-.infinity), "big": 1e300,
    "text": "é\u{1F600}\"\\\u{07}\u{2028}", "count": .integer(.max),
  ]
  let read = python(
    """
    import json, math, sys
    line = json.loads(sys.argv[1])
    assert list(line) == ["loss", "norm", "worst", "big", "text", "count"]
    assert line["loss"] == 0.1 + 0.2 and line["big"] == 1e300 and line["count"] == 2 ** 63 - 1
    assert math.isnan(float(line["norm"])) and float(line["worst"]) == -math.inf
    assert line["text"] == "é\\U0001F600\\"\\\\\\x07\\u2028"
    """, [line.text()])
  #expect(read.status == 0, "\(read.text)")
}
