import Collectives
import Foundation
import Memory

/// Prints the rate at which one bucket, and several at once, are reduced and gathered.
func measureBandwidth(_ communicator: Communicator, megabytes: Int) throws {
  let count = megabytes * 1_000_000 / 4 / Bucket.blockSize * Bucket.blockSize
  for bucketCount in [1, 4] {
    let buckets = (0..<bucketCount).map { Bucket(offset: $0 * count, count: count) }
    let gradients = Vector<Float>(zeros: bucketCount * count)
    let parameters = Vector<Float>(zeros: bucketCount * count)
    gradients.fill(1)
    parameters.fill(1)
    let queue = ExchangeQueue(communicator: communicator)
    let reducer = GradientReducer(queue: queue, gradients: gradients, buckets: buckets)
    for phase in ["reduce-scatter", "all-gather"] {
      var best = Double.infinity
      for _ in 0..<20 {
        try communicator.barrier()
        let start = ContinuousClock.now
        for bucket in buckets.indices {
          if phase == "all-gather" {
            try reducer.startGathering(parameters, of: bucket)
          } else {
            try reducer.startReduction(of: bucket)
          }
        }
        try reducer.finish()
        best = min(best, start.duration(to: .now) / .seconds(1))
      }
      if communicator.isRoot {
        let bytes = Double(bucketCount * count * 4)
        let rate = String(format: "%.2f ms, %.2f GB/s of gradient", best * 1e3, bytes / best / 1e9)
        print("\(phase), \(bucketCount) × \(megabytes) MB: \(rate)")
      }
    }
  }
}
