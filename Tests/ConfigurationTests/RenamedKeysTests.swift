// Names of version 0.1 are read as their present ones.

import Configuration
import Testing

@Suite struct RenamedKeysTests {
  @Test(arguments: [
    ("training.head_learning_rate=0.5", "training.classifier_learning_rate=0.5"),
    ("data.repeat_factor_threshold=0.01", "data.oversample_rare=0.01"),
    ("model.wide={\"min_df\": 5}", "model.tfidf.min_df=5"), ("model.wide={}", "model.tfidf=true"),
    ("model.wide.min_df=5", "model.tfidf={\"min_df\": 5}"),
    ("model.wide=null", "model.tfidf=false"),
    (
      "early_stopping.metric_for_best_model=eval_head_f1_tuned",
      "early_stopping.metric_for_best_model=frequent_f1_global"
    ),
  ]) func oldNamesMeanTheNewOnes(old: String, new: String) throws {
    #expect(try shortest(old) == shortest(new))
  }

  @Test func anOverrideReplacesWhatTheFileSaysUnderTheOldName() throws {
    let text = shortestConfiguration.replacing(
      "{", with: "{ \"training\": { \"head_learning_rate\": 0.5, \"seed\": 3 }, ",
      maxReplacements: 1)
    let file = try Configuration(text: text)
    #expect(file.training.classifierLearningRate == 0.5 && file.training.seed == 3)
    let changed = try Configuration(text: text, overrides: ["training.classifier_learning_rate=2"])
    #expect(changed.training.classifierLearningRate == 2)
    #expect(
      Configuration.renamingNote(text: Array(text.utf8), overrides: ["model.wide=null"])
        == "training.head_learning_rate is now training.classifier_learning_rate; "
        + "model.wide is now model.tfidf; old names are still read")
  }

  @Test func aKeyOfASectionThatIsTrueCanBeSet() throws {
    #expect(
      try shortest("model.tfidf=true", "model.tfidf.min_df=5") == shortest("model.tfidf.min_df=5"))
  }

  @Test func presentNamesNeedNoNote() throws {
    let overrides = ["model.tfidf=true", "early_stopping.metric_for_best_model=eval_micro_f1"]
    let text = Array(shortestConfiguration.utf8)
    #expect(Configuration.renamingNote(text: text, overrides: overrides) == nil)
  }
}
