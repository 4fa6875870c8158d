// A bit that flips in one rank's memory is found before it gets into a checkpoint.

import Foundation
import Testing

extension WholeProgram {
  @Suite(
    .enabled(
      if: Program.mpirun != nil && Fault.areAvailable, "mpirun or the library of faults is missing"),
    .enabled(
      if: !Program.hasSanitizer, "the library of faults does not search a sanitizer's reservations")
  )
  struct ReplicaTests {
    @Test func aParameterThatIsAlteredInOneRanksMemoryEndsTheRunBeforeItIsSaved() throws {
      let place = try Workplace()
      #expect(try place.train("training.max_steps=1", "output_dir=encoder").code == 0)
      // No text holds this word: its embedding takes part in nothing, and only the check can tell.
      try place.writeEmbedding(of: "[MASK]", (1...8).map { 3000 + Float($0) }, in: "encoder/best")
      let options = [
        "model={\"name_or_path\": \"encoder/best\", \"max_length\": 32}",
        "training.freeze_encoder=1", "checkpointing.save_strategy=steps",
        "checkpointing.save_steps=3", "evaluation.eval_strategy=no",
      ]
      let share = "checkpoints/.tmp-step-00000006/optimizer-1"
      let prelude = Fault.prelude([Fault("open", share, .altersMarker)], rank: 1)
      let ending = try place.start(options, ranks: 2, prelude: prelude).ending()
      #expect(ending.code == 71 && ending.messages.count == 1, "\(ending.errors)")
      #expect(
        ending.messages.first?.hasPrefix(
          "after step 9 rank 1 holds other parameters than rank 0: ") == true)
      #expect(!place.exists("run/checkpoints/step-00000009"))

      let resumed = try place.start(["--resume"] + options, ranks: 2).ending()
      #expect(resumed.code == 0, "\(resumed.errors)")
      #expect(try place.events("resume").map { $0["step"] as? Int } == [6])
    }
  }
}
