// Whether all ranks hold the same parameters. Memory that fails, a network that alters bytes, or
// machines that compute differently would otherwise only show as a model that is worse than
// it should be.

import Collectives
import Kernels
import Memory
import Reporting

extension Communicator {
  /// Compares a checksum of the parameters over all ranks. Throws exit code 71 on all of them if
  /// one differs from rank 0. Collective.
  func checkReplicas(_ parameters: Vector<Float>, step: Int) throws {
    guard worldSize > 1 else { return }
    let sums = try allGather(checksum(parameters))
    let others = sums.indices.filter { sums[$0] != sums[0] }
    guard !others.isEmpty else { return }
    let names = others.map(String.init).joined(separator: ", ")
    throw Failure(
      .system,
      "after step \(step) rank \(names) holds other parameters than rank 0: memory or network of "
        + "one of their machines is not to be trusted. Go on without it by --resume, which goes "
        + "back to the last checkpoint")
  }
}
