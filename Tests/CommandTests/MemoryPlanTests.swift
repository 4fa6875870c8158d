// What --dry-run says of memory, against what the run comes to.

import Foundation
import Testing

extension WholeProgram {
  @Suite(
    .enabled(if: Program.mpirun != nil, "mpirun is not installed"),
    .enabled(if: !Program.hasSanitizer, "a sanitizer's own memory is in no plan"))
  struct MemoryPlanTests {
    /// The model is large enough for its memory to count beside that of the libraries.
    @Test(arguments: [1, 2], ["mean", "label_attention"])
    func theDryRunPredictsThePeakMemory(ranks: Int, pooling: String) throws {
      let place = try Workplace()
      let large = try place.text("config.json")
        .replacingOccurrences(of: #""hidden_size": 32"#, with: #""hidden_size": 512"#)
        .replacingOccurrences(of: #""intermediate_size": 64"#, with: #""intermediate_size": 4096"#)
      try place.write("config.json", large)
      let settings = ["training.num_train_epochs=1", "model.pooling=\(pooling)"]
      let plan = try place.start(settings + ["--dry-run"], ranks: ranks).ending()
      #expect(plan.code == 0, "\(plan.errors)")
      let words = try #require(plan.output.components(separatedBy: "a rank about ").last)
      let predicted = try #require(Double(words.prefix { $0 != " " }))
      let ending = try place.start(settings, ranks: ranks).ending()
      #expect(ending.code == 0, "\(ending.errors)")
      let peaks = try #require(try place.events("end").first?["peak_memory_mb"] as? [Double])
      let peak = try #require(peaks.max())
      #expect(abs(predicted / peak - 1) < 0.1, "predicted \(predicted) MB, peak \(peak) MB")
    }
  }
}
