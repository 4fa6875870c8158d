// Whether all ranks run the same program with the same libraries: results are promised to be the
// same to the bit for these only, and of another version a rank may await other messages.

import Collectives
import Foundation
import Kernels
import Reporting
import Storage

extension Communicator {
  /// Compares the program's file, the libraries and the processor's vector unit over all ranks.
  /// Throws exit code 71 on all of them, with the first difference, if one is not as
  /// rank 0. Collective.
  package func checkSameProgram() throws {
    guard worldSize > 1 else { return }
    let mine = try everyRank { try programTraits() }
    let packed = mine.map { "\($0.name)\n\($0.value)" }.joined(separator: "\n")
    let all = try allGather(packed).map { lines in
      lines.split(
        separator: "\n", omittingEmptySubsequences: false)
    }
    for (rank, lines) in all.enumerated() where lines != all[0] {
      // Names and values in turn.
      let place =
        zip(lines, all[0]).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? 0
      let name = place < lines.count ? lines[place - place % 2] : "the program"
      let values = [lines, all[0]].map { $0.count > place ? String($0[place]) : "none" }
      throw Failure(
        .system,
        "rank \(rank) differs from rank 0 in \(name): \(values[0]), and rank 0 \(values[1]). Give "
          + "all machines the same program, libraries and settings of these "
          + "(OPENBLAS_CORETYPE, DNNL_MAX_CPU_ISA). Unlike processors compute alike with "
          + "DDP_TRAIN_KERNELS=v3 on all ranks, or v4 where all have AVX-512: with the Python "
          + "package, or a program that was built with DDP_TRAIN_MARCH=x86-64-v3")
    }
  }
}

/// What must be the same on all ranks.
private func programTraits() throws -> [(name: String, value: String)] {
  let program = try FileRecord(reading: "/proc/self/exe", name: "program")
  let lines = [
    ("the program's file (SHA-256)", program.sha256),
    ("MPI", Communicator.libraryVersion),
    ("what multiplies in fp32", matrixProductLibrary()),
    ("the threads of a product", String(matrixProductThreadsWanted)),
    ("oneDNN", bfloat16ProductLibrary() ?? "none"),
    ("what multiplies in bf16", bfloat16ProductUnit() ?? "none"),
    ("what oneDNN uses of the processor", oneDNNInstructionSet()),
    ("the processor's vector unit", vectorUnit()),
    ("what computes attention in bf16", bfloat16AttentionUnit()),
  ]
  return lines.map { ($0, $1.replacingOccurrences(of: "\n", with: " ")) }
}
