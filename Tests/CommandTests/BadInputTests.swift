// What is wrong is said once, with its place, and ends the program with the exit code of its kind.

import Foundation
import Testing

extension WholeProgram {
  @Suite(.enabled(if: Program.mpirun != nil, "mpirun is not installed")) struct BadInputTests {
    let place: Workplace

    init() throws { place = try Workplace() }

    /// A mistake, and what the message about it must hold.
    private struct Mistake {
      let code: Int32
      let parts: [String]
      let arguments: [String]

      init(_ code: Int32, _ parts: [String], _ arguments: String...) {
        (self.code, self.parts, self.arguments) = (code, parts, arguments)
      }
    }

    /// Expects that training on two ranks ends with one message for each of the mistakes. The runs
    /// go side by side, each into a directory of its own, because a rank that has nothing to say
    /// waits for the one that has.
    private func expect(
      _ mistakes: Mistake..., sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
      let programs = try mistakes.enumerated().map { index, mistake in
        try place.start(mistake.arguments + ["output_dir=run-\(index)"], ranks: 2)
      }
      for (mistake, program) in zip(mistakes, programs) {
        let ending = try program.ending()
        #expect(ending.code == mistake.code, "\(ending.errors)", sourceLocation: sourceLocation)
        #expect(ending.messages.count == 1, "\(ending.errors)", sourceLocation: sourceLocation)
        for part in mistake.parts {
          #expect(
            ending.messages.first?.contains(part) == true, "\(ending.errors)",
            sourceLocation: sourceLocation)
        }
      }
    }

    @Test func badRowsAreNamedByFileAndLine() throws {
      try place.write(
        "bad.jsonl",
        """
        {"text": "w00", "labels": ["a"]}
        {"text": 5, "labels": ["a"]}
        no JSON

        {"labels": ["a"]}
        {"text": "w00", "labels": "a"}

        """)
      let lines = ["bad.jsonl:2: ", "bad.jsonl:3: ", "bad.jsonl:5: no “text”", "bad.jsonl:6: "]
      try expect(
        Mistake(65, lines, "data.train=bad.jsonl"),
        Mistake(65, lines, "data.test=bad.jsonl"))
    }

    @Test func badRecordsAreNamedByFileAndLine() throws {
      try place.write(
        "bad.csv",
        "id,text,a,b\n1,w00,0,1\n2,\"two\nlines\",2,0\n3,w01,1\n4,w02,0,1\n5,\"w03\",x,0\n")
      try place.write("header.csv", "name,a\nw00,1\n")
      try expect(
        Mistake(65, ["bad.csv:3: ", "“2”", "bad.csv:5: ", "bad.csv:7: "], "data.train=bad.csv"),
        Mistake(65, ["header.csv:1: ", "text"], "data.train=header.csv"))
    }

    @Test func atMostTwentyBadRowsAreListed() throws {
      try place.write("bad.jsonl", String(repeating: "{}\n", count: 30))
      try expect(
        Mistake(
          65, ["bad.jsonl:20: ", "bad.jsonl: 10 more bad rows not listed"], "data.train=bad.jsonl"))
    }

    @Test func dataWithoutRowsOrLabelsIsRefused() throws {
      try place.write("empty.jsonl", "")
      try place.write("header.csv", "text,a\n")
      try place.write("plain.jsonl", "{\"text\": \"w00 w01\", \"labels\": []}\n")
      try expect(
        Mistake(65, ["empty.jsonl: there is no row"], "data.train=empty.jsonl"),
        Mistake(65, ["empty.jsonl: there is no row"], "data.validation=empty.jsonl"),
        Mistake(65, ["header.csv: there is no row"], "data.train=header.csv"),
        Mistake(65, ["plain.jsonl: no row has a label"], "data.train=plain.jsonl"))
    }

    @Test func missingInputEndsWith66() throws {
      try expect(
        Mistake(66, ["data.train: no.jsonl: no such file"], "data.train=no.jsonl"),
        Mistake(66, ["data.test: no.jsonl: no such file"], "data.test=no.jsonl"),
        Mistake(66, ["model.vocab: no.txt: no such file"], "model.vocab=no.txt"),
        Mistake(66, ["loss.pos_weight.file: no.json"], #"loss.pos_weight={"file": "no.json"}"#),
        Mistake(
          66, ["model.name_or_path: no-model: no such directory"], "model.config=null",
          "model.vocab=null", "model.name_or_path=no-model"))
    }

    @Test func aBadConfigurationNamesTheNearestKey() throws {
      try expect(
        Mistake(
          78, ["training.learning_rte: no such key; did you mean training.learning_rate?"],
          "training.learning_rte=1"),
        Mistake(78, ["training.learning_rate", "-1"], "training.learning_rate=-1"),
        Mistake(
          78, ["training.precison", "did you mean training.precision?", "evaluation.top_k"],
          "training.precison=fp32", "evaluation.top_k=[0]"),
        Mistake(
          78, ["early_stopping.metric_for_best_model", #"did you mean "micro_f1"?"#],
          "early_stopping.metric_for_best_model=mirco_f1", "training.num_train_epochs=1"),
        Mistake(78, ["model.max_length", "64"], "model.max_length=65"))
    }

    @Test func huggingFaceNamesAreTranslated() throws {
      try expect(
        Mistake(78, ["did you mean training.train_batch_size?"], "per_device_train_batch_size=8"),
        Mistake(
          78, ["did you mean training.microbatches?"], "training.gradient_accumulation_steps=8"),
        Mistake(78, ["--resume"], "training.resume_from_checkpoint=true"))
    }

    @Test func ranksThatDoNotDivideTheMicrobatchesEndWith78() throws {
      let ending = try place.train(ranks: 3)
      #expect(ending.code == 78 && ending.messages.count == 1)
      #expect(ending.errors.contains("training.microbatches"))
      #expect(ending.errors.contains("1, 2 or 4 ranks"))
    }

    @Test func divergingEndsWith76AndKeepsTheCheckpoints() throws {
      let rates = ["training.learning_rate=1e30", "training.classifier_learning_rate=1e30"]
      let soon = ["training.warmup_ratio=0", "checkpointing.save_strategy=steps"]
      try expect(
        Mistake(
          76, ["training diverged at step ", "training.learning_rate"], rates[0], rates[1],
          soon[0], soon[1], "checkpointing.save_steps=1"),
        // The last step goes well, and the evaluation after it meets what the step has done.
        Mistake(
          76, ["rank 0: "], rates[0], rates[1], soon[0], "training.max_steps=1", "output_dir=other")
      )
      #expect(place.exists("run-0/checkpoints/step-00000001/model.safetensors"))
    }
  }
}
