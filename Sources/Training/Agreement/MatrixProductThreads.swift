import Foundation

/// One thread a rank unless the environment says otherwise: ranks, not threads, share the cores,
/// and one thread's bits do not depend on how many there are.
package var matrixProductThreadsWanted: Int {
  let environment = ProcessInfo.processInfo.environment
  let names = ["OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"]
  return names.lazy.compactMap { environment[$0].flatMap(Int.init) }.first { $0 > 0 } ?? 1
}
